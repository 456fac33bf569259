{{/* At most 35 characters: names of workers append up to 28 more, and KEDA puts them into labels of 63. */}}
{{- define "visgate.name" -}}
{{- $own := eq .Release.Name .Chart.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) -}}
{{- $own | trunc 35 | trimSuffix "-" -}}
{{- end -}}

{{- define "visgate.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "visgate.labels" -}}
{{ include "visgate.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "visgate.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "visgate.secret" -}}
{{ .Values.secret.existing | default (include "visgate.name" .) }}
{{- end -}}

{{/* What a schema cannot say: groups have different names and known queues, and together they serve every queue. */}}
{{- define "visgate.checkGroups" -}}
{{- $known := get (.Files.Get "files/queues.yaml" | fromYaml) "queues" -}}
{{- $names := list -}}
{{- $served := list -}}
{{- range .Values.workerGroups -}}
{{- if has .name $names }}{{ fail (printf "workerGroups: two groups have the name %s" .name) }}{{ end -}}
{{- $names = append $names .name -}}
{{- range .queues -}}
{{- if not (has . $known) }}{{ fail (printf "workerGroups: %s is not a queue; the queues are %s" . (join ", " $known)) }}{{ end -}}
{{- end -}}
{{- $served = concat $served (.queues | default $known) -}}
{{- end -}}
{{- range $known -}}
{{- if not (has . $served) }}{{ fail (printf "workerGroups: no group serves the queue %s, so what is in it would never run" .) }}{{ end -}}
{{- end -}}
{{- end -}}
