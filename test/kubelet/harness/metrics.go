package main

import (
	"strings"

	dto "github.com/prometheus/client_model/go"
	"k8s.io/component-base/metrics/legacyregistry"
)

// pluginMetrics is what the kubelet itself counted since it started, over all plugins.
type pluginMetrics struct {
	Execs      uint64  `json:"execs"`
	Errors     uint64  `json:"errors"`
	Seconds    float64 `json:"seconds"`
	ConfigHash string  `json:"configHash"`
}

func readMetrics() pluginMetrics {
	families, err := legacyregistry.DefaultGatherer.Gather()
	if err != nil {
		fail(err)
	}
	read := pluginMetrics{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			read.add(strings.TrimPrefix(family.GetName(), "kubelet_credential_provider_"), metric)
		}
	}
	return read
}

func (p *pluginMetrics) add(name string, metric *dto.Metric) {
	switch name {
	case "plugin_duration":
		p.Execs += metric.GetHistogram().GetSampleCount()
		p.Seconds += metric.GetHistogram().GetSampleSum()
	case "plugin_errors_total":
		p.Errors += uint64(metric.GetCounter().GetValue())
	case "config_info":
		p.ConfigHash = metric.GetLabel()[0].GetValue()
	}
}
