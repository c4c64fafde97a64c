package main

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"k8s.io/kubernetes/pkg/credentialprovider/plugin"
	"k8s.io/kubernetes/pkg/util/parsers"
)

// registration says whether the kubelet would have started with this configuration.
type registration struct {
	Registered bool   `json:"registered"`
	Error      string `json:"error,omitempty"`
}

// step is what happens at one moment: the lookups run at once, over the service
// accounts as they are then.
type step struct {
	Lookups         []lookup                  `json:"lookups"`
	ServiceAccounts map[string]serviceAccount `json:"serviceAccounts"`
}

// lookup is one container image of one pod.
type lookup struct {
	Image          string `json:"image"`
	Namespace      string `json:"namespace"`
	Pod            string `json:"pod"`
	PodUID         string `json:"podUid"`
	ServiceAccount string `json:"serviceAccount"`
}

type stepAnswer struct {
	Results       []result       `json:"results"`
	Plugin        pluginMetrics  `json:"plugin"`
	TokenRequests []tokenRequest `json:"tokenRequests"`
}

// result has no password in it: tests compare its SHA-256.
type result struct {
	Found        bool         `json:"found"`
	Credentials  []credential `json:"credentials"`
	Milliseconds int64        `json:"milliseconds"`
	Error        string       `json:"error,omitempty"`
}

type credential struct {
	Username       string `json:"username"`
	PasswordSHA256 string `json:"passwordSha256"`
	// ServiceAccount is whose credentials the kubelet takes them for when it verifies
	// an image that is present (KubeletEnsureSecretPulledImages); empty without the gate.
	ServiceAccount string `json:"serviceAccount,omitempty"`
}

func register(config, binDir string, cluster *cluster) error {
	return plugin.RegisterCredentialProviderPlugins(config, binDir, cluster.requestToken, cluster.serviceAccount)
}

func run(step step, cluster *cluster) stepAnswer {
	if step.ServiceAccounts != nil {
		cluster.replace(step.ServiceAccounts)
	}
	answer := stepAnswer{Results: make([]result, len(step.Lookups))}
	var running sync.WaitGroup
	for i, one := range step.Lookups {
		running.Go(func() { answer.Results[i] = look(one) })
	}
	running.Wait()
	answer.Plugin = readMetrics()
	answer.TokenRequests = cluster.takeTokenRequests()
	return answer
}

// look does for one image what makeLookupPullCredentialsFunc does in the kubelet's
// pkg/kubelet/images/image_manager.go.
func look(one lookup) result {
	started := time.Now()
	repository, _, _, err := parsers.ParseImageName(one.Image)
	if err != nil {
		return result{Error: err.Error()}
	}
	keyring := plugin.NewExternalCredentialProviderDockerKeyring(one.Namespace, one.Pod, one.PodUID, one.ServiceAccount)
	found, ok := keyring.Lookup(repository)
	answer := result{Found: ok, Credentials: []credential{}, Milliseconds: time.Since(started).Milliseconds()}
	for _, each := range found {
		sum := sha256.Sum256([]byte(each.Password))
		one := credential{Username: each.Username, PasswordSHA256: hex.EncodeToString(sum[:])}
		if each.Source != nil && each.Source.ServiceAccount != nil {
			one.ServiceAccount = each.Source.ServiceAccount.Namespace + "/" + each.Source.ServiceAccount.Name
		}
		answer.Credentials = append(answer.Credentials, one)
	}
	return answer
}
