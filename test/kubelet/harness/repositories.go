package main

import "k8s.io/kubernetes/pkg/util/parsers"

type repositoryAnswer struct {
	Repository string `json:"repository,omitempty"`
	Error      string `json:"error,omitempty"`
}

// repositoryOf says what of an image the kubelet compares with matchImages.
func repositoryOf(image string) repositoryAnswer {
	repository, _, _, err := parsers.ParseImageName(image)
	if err != nil {
		return repositoryAnswer{Error: err.Error()}
	}
	return repositoryAnswer{Repository: repository}
}
