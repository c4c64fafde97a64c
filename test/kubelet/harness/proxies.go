package main

import (
	"net/url"

	"golang.org/x/net/http/httpproxy"
)

// proxyQuestion asks which proxy the kubelet's own client would use for a URL.
type proxyQuestion struct {
	HTTPProxy  string `json:"httpProxy"`
	HTTPSProxy string `json:"httpsProxy"`
	NoProxy    string `json:"noProxy"`
	URL        string `json:"url"`
}

type proxyAnswer struct {
	// Proxy is SCHEME://HOST[:PORT], empty for a direct connection.
	Proxy string `json:"proxy"`
	Error string `json:"error,omitempty"`
}

func proxyFor(question proxyQuestion) proxyAnswer {
	target, err := url.Parse(question.URL)
	if err != nil {
		return proxyAnswer{Error: err.Error()}
	}
	config := httpproxy.Config{HTTPProxy: question.HTTPProxy, HTTPSProxy: question.HTTPSProxy, NoProxy: question.NoProxy}
	proxy, err := config.ProxyFunc()(target)
	if err != nil {
		return proxyAnswer{Error: err.Error()}
	}
	if proxy == nil {
		return proxyAnswer{}
	}
	return proxyAnswer{Proxy: proxy.Scheme + "://" + proxy.Host}
}
