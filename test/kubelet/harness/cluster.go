package main

import (
	"errors"
	"fmt"
	"sync"

	authentication "k8s.io/api/authentication/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// cluster stands in for the two things that the kubelet asks the API server for:
// service accounts and their tokens.
type cluster struct {
	mutex         sync.Mutex
	accounts      map[string]serviceAccount
	tokenRequests []tokenRequest
}

// serviceAccount is known to the cluster as "namespace/name".
type serviceAccount struct {
	UID         string            `json:"uid"`
	Annotations map[string]string `json:"annotations"`
	Token       string            `json:"token"`
	// TokenError is what the API server says instead of giving a token.
	TokenError string `json:"tokenError"`
}

// tokenRequest is what the kubelet asked of the API server.
type tokenRequest struct {
	Namespace      string   `json:"namespace"`
	ServiceAccount string   `json:"serviceAccount"`
	Audiences      []string `json:"audiences"`
	Pod            string   `json:"pod"`
	PodUID         string   `json:"podUid"`
}

func (c *cluster) replace(accounts map[string]serviceAccount) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.accounts = accounts
}

func (c *cluster) takeTokenRequests() []tokenRequest {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	taken := append([]tokenRequest{}, c.tokenRequests...)
	c.tokenRequests = nil
	return taken
}

func (c *cluster) serviceAccount(namespace, name string) (*core.ServiceAccount, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	account, known := c.accounts[namespace+"/"+name]
	if !known {
		return nil, fmt.Errorf("serviceaccount %s/%s not found", namespace, name)
	}
	return &core.ServiceAccount{ObjectMeta: meta.ObjectMeta{
		Namespace: namespace, Name: name, UID: types.UID(account.UID), Annotations: account.Annotations,
	}}, nil
}

func (c *cluster) requestToken(namespace, name string, request *authentication.TokenRequest) (*authentication.TokenRequest, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	asked := tokenRequest{Namespace: namespace, ServiceAccount: name, Audiences: request.Spec.Audiences}
	if pod := request.Spec.BoundObjectRef; pod != nil {
		asked.Pod, asked.PodUID = pod.Name, string(pod.UID)
	}
	c.tokenRequests = append(c.tokenRequests, asked)
	account := c.accounts[namespace+"/"+name]
	if account.TokenError != "" {
		return nil, errors.New(account.TokenError)
	}
	answered := request.DeepCopy()
	answered.Status.Token = account.Token
	return answered, nil
}
