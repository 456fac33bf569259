{{/*
What the pods of the API and of all workers have in common. Called with root, labels, own (variables that the chart sets
for these pods) and env (further ones).
*/}}

{{- define "visgate.podMetadata" -}}
labels:
  {{- include "visgate.labels" .root | nindent 2 }}
  {{- toYaml .labels | nindent 2 }}
annotations:
  prometheus.io/scrape: "true"
  prometheus.io/port: "9464"
  prometheus.io/path: /metrics
  checksum/secret: {{ toYaml .root.Values.secret | sha256sum }}
  {{- with .root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "visgate.podSettings" -}}
{{- $values := .root.Values -}}
serviceAccountName: {{ include "visgate.name" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
# node, the user of the image.
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
topologySpreadConstraints:
  {{- range $values.topologyKeys }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "visgate.selector" $.root | nindent 8 }}
        {{- toYaml $.labels | nindent 8 }}
  {{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: { medium: Memory, sizeLimit: 64Mi }
  - name: data
    {{- if $values.outputs.claim }}
    persistentVolumeClaim: { claimName: {{ $values.outputs.claim }} }
    {{- else }}
    emptyDir: { sizeLimit: 64Mi }
    {{- end }}
{{- end -}}

{{- define "visgate.containerSettings" -}}
image: {{ include "visgate.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
envFrom:
  - secretRef: { name: {{ include "visgate.secret" .root }} }
env:
  {{- $set := merge .own (include "visgate.env" .root | fromYaml) }}
  {{- $further := merge (dict) .env .root.Values.env }}
  {{- range $name := keys $further }}
  {{- if hasKey $set $name }}{{ fail (printf "env: %s is set by another value of values.yaml" $name) }}{{ end }}
  {{- end }}
  {{- range $name, $value := merge $set $further }}
  - { name: {{ $name }}, value: {{ $value | quote }} }
  {{- end }}
volumeMounts:
  - { name: tmp, mountPath: /tmp }
  - { name: data, mountPath: /data }
{{- end -}}

{{- define "visgate.env" -}}
DATA_DIR: /data
HOST: 0.0.0.0
METRICS_PORT: "9464"
OUTPUT_STORE: {{ .Values.outputs.store | quote }}
PORT: "8787"
PUBLIC_URL: {{ .Values.publicUrl | quote }}
REDIS_URL: {{ .Values.redis.url | quote }}
{{- if eq .Values.outputs.store "s3" }}
{{- with .Values.outputs.s3 }}
S3_BUCKET: {{ .bucket | quote }}
S3_REGION: {{ .region | quote }}
{{- if .endpoint }}
S3_ENDPOINT: {{ .endpoint | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
