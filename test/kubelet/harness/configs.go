package main

import (
	_ "unsafe" // for go:linkname

	"k8s.io/apimachinery/pkg/util/validation/field"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

// The kubelet reads and checks its CredentialProviderConfig by functions that its package
// keeps to itself. RegisterCredentialProviderPlugins calls them, but it can be called only
// once in a process, and tests ask about thousands of configs: so they are linked by name.

//go:linkname readCredentialProviderConfig k8s.io/kubernetes/pkg/credentialprovider/plugin.readCredentialProviderConfig
func readCredentialProviderConfig(path string) (*kubeletconfig.CredentialProviderConfig, string, error)

//go:linkname validateCredentialProviderConfig k8s.io/kubernetes/pkg/credentialprovider/plugin.validateCredentialProviderConfig
func validateCredentialProviderConfig(config *kubeletconfig.CredentialProviderConfig, serviceAccountTokens bool) field.ErrorList

// configQuestion asks what the kubelet makes of this config file or directory.
type configQuestion struct {
	Path string `json:"path"`
	// ServiceAccountTokens is the feature gate KubeletServiceAccountTokenForCredentialProviders.
	ServiceAccountTokens bool `json:"serviceAccountTokens"`
}

type configAnswer struct {
	Accepted  bool                               `json:"accepted"`
	Error     string                             `json:"error,omitempty"`
	Providers []kubeletconfig.CredentialProvider `json:"providers"`
	Hash      string                             `json:"hash"`
}

func readConfig(question configQuestion) configAnswer {
	config, hash, err := readCredentialProviderConfig(question.Path)
	if err != nil {
		return configAnswer{Error: err.Error()}
	}
	if errs := validateCredentialProviderConfig(config, question.ServiceAccountTokens); len(errs) > 0 {
		return configAnswer{Error: errs.ToAggregate().Error()}
	}
	return configAnswer{Accepted: true, Providers: config.Providers, Hash: hash}
}
