package main

import "k8s.io/kubernetes/pkg/credentialprovider"

// matchQuestion asks whether the kubelet runs a plugin that has this matchImages
// pattern for this image.
type matchQuestion struct {
	Pattern string `json:"pattern"`
	Image   string `json:"image"`
}

type matchAnswer struct {
	Matches bool   `json:"matches"`
	Error   string `json:"error,omitempty"`
}

func match(question matchQuestion) matchAnswer {
	matches, err := credentialprovider.URLsMatchStr(question.Pattern, question.Image)
	if err != nil {
		return matchAnswer{Error: err.Error()}
	}
	return matchAnswer{Matches: matches}
}
