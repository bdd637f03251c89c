#!/usr/bin/env bash
# Runs genuine Prometheus with examples/monitoring against a gateway with simulated printers, all on loopback ports: the
# configuration and the alert rules are valid, none of the rules fires that should not, and every query of the Grafana
# dashboard and of the alert rules is accepted and finds the metrics it names.
# Without Prometheus it prints "skipped: ..." and exits 0.
# Environment: BAMBU2MQTT_BUILD (build/demo), BAMBU2MQTT_NO_INSTALL=1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/playground.sh
source scripts/playground.sh

for program in prometheus promtool jq curl; do
    if ! command -v "$program" >/dev/null; then
        echo "skipped: $program is not installed, the monitoring examples are not tested"
        exit 0
    fi
done

build_playground "${BAMBU2MQTT_BUILD:-build/demo}" quick
playground_open
start_broker
start_printers --printers 2 --models X1C,A1MINI --seconds-per-print 60 --rate 2
metrics_port=$(free_port)
printf '\n[metrics]\nlisten = "127.0.0.1:%d"\n' "$metrics_port" >>"$playground/bambu2mqtt.toml"
start_gateway
playground_await 60 curl -sf -o "$playground/ready" "http://127.0.0.1:$metrics_port/readyz" ||
    fail "the gateway does not become ready:" gateway
curl -sf "http://127.0.0.1:$metrics_port/metrics" | promtool check metrics

prometheus_port=$(free_port)
sed -e "s/127\.0\.0\.1:9464/127.0.0.1:$metrics_port/" -e 's/scrape_interval: .*/scrape_interval: 1s/' \
    examples/monitoring/prometheus.yml >"$playground/prometheus.yml"
cp examples/monitoring/alerts.yml "$playground/alerts.yml"
promtool check config "$playground/prometheus.yml" >"$playground/promtool.log"
playground_start prometheus prometheus --config.file="$playground/prometheus.yml" \
    --web.listen-address="127.0.0.1:$prometheus_port" --storage.tsdb.path="$playground/prometheus" --log.level=warn

query() { # EXPRESSION
    curl -sf -G "http://127.0.0.1:$prometheus_port/api/v1/query" --data-urlencode "query=$1"
}

has_result() { # EXPRESSION
    [ "$(query "$1" 2>/dev/null | jq -r '.data.result | length')" -gt 0 ] 2>/dev/null
}

playground_await 60 has_result 'count_over_time(bambu2mqtt_printer_bed_temperature_celsius[30s]) >= 3' ||
    fail "Prometheus does not scrape the gateway:" prometheus

# Queries of the dashboard, with its variables replaced as Grafana does, and of the rules.
# shellcheck disable=SC2016 # a variable of Grafana
mapfile -t dashboard < <(jq -r '.panels[].targets[].expr' examples/monitoring/grafana-dashboard.json | sed 's/\$printer/.*/g')
mapfile -t rules < <(curl -sf "http://127.0.0.1:$prometheus_port/api/v1/rules" | jq -r '.data.groups[].rules[].query')
if [ ${#dashboard[@]} -lt 10 ] || [ ${#rules[@]} -lt 5 ]; then
    fail "too few queries were found:" prometheus
fi
failed=0
for expression in "${dashboard[@]}"; do
    if ! has_result "$expression"; then
        echo "no result: $expression"
        failed=1
    fi
done
for expression in "${rules[@]}"; do
    if ! query "$expression" >/dev/null; then
        echo "not accepted: $expression"
        failed=1
    fi
    # A rule without a result is good news, but each metric in it has to exist.
    while IFS= read -r metric; do
        if ! has_result "$metric"; then
            echo "no such metric: $metric in $expression"
            failed=1
        fi
    done < <(grep -oE '\b(up|bambu2mqtt_[a-z0-9_]+|process_[a-z_]+)\b' <<<"${expression//\"bambu2mqtt\"/}" | sort -u)
done
firing=$(curl -sf "http://127.0.0.1:$prometheus_port/api/v1/alerts" | jq -r '.data.alerts[] | select(.state == "firing") | .labels.alertname')
if [ -n "$firing" ]; then
    echo "alerts without a reason: $firing"
    failed=1
fi
[ "$failed" -eq 0 ] || fail "the monitoring examples failed:" prometheus
echo "note: Prometheus: ${#dashboard[@]} queries of the dashboard and ${#rules[@]} alert rules work"
