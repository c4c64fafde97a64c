{{- /*
The patterns that the kubelet will have for the plugin: those of credentialProvider, else those that the executable's
kubelet-config prints for the config (src/kubelet/matchImages/matchImages.ts). A test holds both together.
What is in a Secret cannot be seen here: node install checks it on the node.
*/ -}}
{{- define "acr.patterns" -}}
{{- $patterns := list -}}
{{- if .Values.credentialProvider -}}
  {{- $patterns = .Values.credentialProvider.matchImages | default list -}}
{{- else if not .Values.configSecret.name -}}
  {{- $registries := .Values.config.registries | default list -}}
  {{- range $entry := $registries -}}
    {{- $region := $entry.regionId | default "*" -}}
    {{- if $entry.domains -}}
      {{- $domains := kindIs "string" $entry.domains | ternary (splitList "," (toString $entry.domains)) $entry.domains -}}
      {{- range $domains -}}
        {{- $patterns = concat $patterns (list (trim .) (trim . | trimSuffix ":443")) -}}
      {{- end -}}
    {{- else if $entry.instanceId -}}
      {{- $name := $entry.instanceName | default "*" | lower -}}
      {{- range list "" "-vpc" -}}
        {{- $patterns = append $patterns (printf "%s-registry%s.%s.cr.aliyuncs.com" $name . $region) -}}
      {{- end -}}
    {{- else -}}
      {{- $patterns = concat $patterns (include "acr.personalPatterns" $region | fromJsonArray) -}}
    {{- end -}}
  {{- end -}}
  {{- $discovery := .Values.config.discovery | default "auto" -}}
  {{- $discovers := or (eq $discovery "always") (and (eq $discovery "auto") (not $registries)) -}}
  {{- if or $discovers (dig "serviceAccountAnnotations" "enabled" false .Values.config) -}}
    {{- $patterns = concat $patterns (list "*-registry.*.cr.aliyuncs.com" "*-registry-vpc.*.cr.aliyuncs.com") -}}
  {{- end -}}
  {{- if not $registries -}}
    {{- $patterns = concat $patterns (include "acr.personalPatterns" "*" | fromJsonArray) -}}
    {{- $patterns = append $patterns "crpi-*.*.personal.cr.aliyuncs.com" -}}
  {{- end -}}
{{- end -}}
{{- $patterns | toJson -}}
{{- end -}}

{{- define "acr.personalPatterns" -}}
{{- $patterns := list -}}
{{- range list "" "-vpc" "-internal" "-intl" "-intl-vpc" -}}
  {{- $patterns = append $patterns (printf "registry%s.%s.aliyuncs.com" . $) -}}
{{- end -}}
{{- $patterns | toJson -}}
{{- end -}}

{{- /* The repository as the kubelet compares it: Docker Hub's written out. */ -}}
{{- define "acr.repository" -}}
{{- $parts := splitList "/" . -}}
{{- $first := first $parts -}}
{{- if and (gt (len $parts) 1) (or (contains "." $first) (contains ":" $first) (eq $first "localhost")) -}}
{{- . -}}
{{- else if gt (len $parts) 1 -}}
docker.io/{{ . }}
{{- else -}}
docker.io/library/{{ . }}
{{- end -}}
{{- end -}}

{{- /*
URLsMatch of k8s.io/kubernetes/pkg/credentialprovider/keyring.go, for (dict "pattern" … "repository" …): the same port, as
many labels, each matched by itself with *, and the pattern's path begins the repository's. "true" or "".
*/ -}}
{{- define "acr.matches" -}}
{{- $glob := regexFind "^[^/]*" .pattern -}}
{{- $host := regexFind "^[^/]*" .repository -}}
{{- $globLabels := splitList "." (regexReplaceAll ":[0-9]*$" $glob "") -}}
{{- $labels := splitList "." (regexReplaceAll ":[0-9]*$" $host "") -}}
{{- $samePort := eq (regexFind ":[0-9]*$" $glob | trimPrefix ":") (regexFind ":[0-9]*$" $host | trimPrefix ":") -}}
{{- $samePath := hasPrefix (trimPrefix $glob .pattern) (trimPrefix $host .repository) -}}
{{- if and $samePort $samePath (eq (len $globLabels) (len $labels)) -}}
  {{- $missed := false -}}
  {{- range $index, $label := $globLabels -}}
    {{- $form := regexQuoteMeta $label | replace "\\*" ".*" -}}
    {{- if not (regexMatch (printf "^%s$" $form) (index $labels $index)) -}}{{- $missed = true -}}{{- end -}}
  {{- end -}}
  {{- if not $missed -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{- define "acr.requireOtherRegistry" -}}
{{- $repository := include "acr.repository" .Values.image.repository -}}
{{- range include "acr.patterns" . | fromJsonArray -}}
  {{- if include "acr.matches" (dict "pattern" . "repository" $repository) -}}
    {{- fail (printf "image.repository %s: the kubelet would ask the plugin for its own image, by the pattern %s. Put the image into another registry, or set image.isPulledWithoutPlugin if it can be pulled without the plugin" $repository .) -}}
  {{- end -}}
{{- end -}}
{{- end -}}
