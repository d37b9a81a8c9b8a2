//! The exporter for Prometheus.

use std::collections::HashSet;

use braid_tests::forward::LIMIT;
use braid_tests::poll::eventually;

use crate::site::Site;

const SECTIONS: &str = "\
frontend web
    bind {web} name entry
    option socket-stats
    http-request use-service prometheus-exporter if { path /metrics }
    default_backend app
backend app
    server one {origin} maxconn 5 pool-max-conn 42
    server off 127.0.0.1:1 disabled
listen raw
    mode tcp
    server three 127.0.0.1:1
";

#[test]
fn metrics_have_the_names_and_labels_of_haproxys_exporter() {
    let site = Site::new("metrics", SECTIONS);
    assert_eq!(site.get("/404").status, 404);
    let counted = "haproxy_server_http_responses_total{proxy=\"app\",server=\"one\",code=\"4xx\"} 1\n";
    eventually(LIMIT, || site.get("/metrics").body.contains(counted).then_some(())).unwrap();
    let reply = site.get("/metrics");
    assert_eq!(reply.field("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in [
        "# TYPE haproxy_process_current_connections gauge",
        "# TYPE haproxy_frontend_http_responses_total counter",
        "haproxy_frontend_http_responses_total{proxy=\"web\",code=\"4xx\"} 1",
        "haproxy_frontend_status{proxy=\"web\",state=\"UP\"} 1",
        "haproxy_listener_status{proxy=\"web\",listener=\"entry\",state=\"WAITING\"} 0",
        "haproxy_listener_status{proxy=\"web\",listener=\"entry\",state=\"OPEN\"} 1",
        "haproxy_backend_status{proxy=\"app\",state=\"UP\"} 1",
        "haproxy_backend_agg_server_status{proxy=\"app\",state=\"MAINT\"} 1",
        "haproxy_server_status{proxy=\"app\",server=\"one\",state=\"UP\"} 1",
        "haproxy_server_status{proxy=\"app\",server=\"off\",state=\"MAINT\"} 1",
        "haproxy_server_active{proxy=\"app\",server=\"one\"} 1",
        "haproxy_server_limit_sessions{proxy=\"app\",server=\"one\"} 5",
        "haproxy_server_limit_sessions{proxy=\"app\",server=\"off\"} NaN",
        "haproxy_server_idle_connections_limit{proxy=\"app\",server=\"one\"} 42",
        "haproxy_server_check_failures_total{proxy=\"app\",server=\"one\"} NaN",
        "haproxy_server_queue_time_average_seconds{proxy=\"app\",server=\"one\"} 0.000",
    ] {
        assert!(reply.body.lines().any(|shown| shown == line), "{line} in {}", reply.body);
    }
    assert!(reply.body.contains("haproxy_process_build_info{version=\""));
    // Only HTTP has responses.
    assert!(!reply.body.contains("haproxy_frontend_http_responses_total{proxy=\"raw\""));
    let log = site.braid.process.output();
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn the_text_is_well_formed() {
    let site = Site::new("format", SECTIONS);
    let text = site.get("/metrics").body;
    let (mut families, mut samples) = (HashSet::new(), HashSet::new());
    let mut current = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            current = rest.split(' ').next().unwrap();
            assert!(families.insert(current), "{current} comes twice");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert!(rest == format!("{current} gauge") || rest == format!("{current} counter"), "{line}");
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert_eq!(name.split('{').next(), Some(current), "{line}");
            assert!(value == "NaN" || value.parse::<f64>().is_ok(), "{line}");
            assert!(samples.insert(name), "{name} comes twice");
        }
    }
    assert!(families.len() > 100, "{}", families.len());
}

#[test]
fn a_request_can_ask_for_a_part() {
    let site = Site::new("parts", SECTIONS);
    let reply = site.get("/metrics?scope=server&no-maint");
    assert!(reply.body.contains("haproxy_server_") && !reply.body.contains("haproxy_backend_"));
    assert!(!reply.body.contains("server=\"off\""));
    let none = site.get("/metrics?scope=");
    assert_eq!((none.status, &*none.body), (200, ""));
    assert_eq!(site.get("/metrics?scope").status, 400);
    assert_eq!(site.get("/metrics?scope=moon").status, 400);
    let only = site.get("/metrics?metrics=haproxy_server_weight").body;
    assert_eq!(only.lines().filter(|line| line.starts_with("# TYPE")).count(), 1, "{only}");
    let posted =
        site.request("POST /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(posted.status, 405);
}
