//! `show stat`, `clear counters` and `show schema json` of a running program.

use braid_tests::forward::LIMIT;
use braid_tests::poll::eventually;

use crate::site::{Site, row, rows};

const SECTIONS: &str = "\
frontend web
    bind {web} name entry
    option socket-stats
    http-request deny if { path /denied }
    http-request return status 204 if { path /own }
    default_backend app
backend app
    balance roundrobin
    server one {origin} maxconn 5 maxqueue 3
    server off 127.0.0.1:1 disabled
listen raw
    mode tcp
    server three 127.0.0.1:1
";

/// The header of HAProxy 3.5, up to the end of the fields with fixed positions.
const HEADER: &str = "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,\
    status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,\
    rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,\
    hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,\
    last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,\
    check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,\
    conn_tot,intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,\
    ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est,uweight,\
    agg_server_status,agg_server_check_status,agg_check_status,srid,sess_other,h1sess,h2sess,h3sess,req_other,h1req,\
    h2req,h3req,proto,priv_idle_cur,reqbin,reqbout,resbin,resbout,cache_hint_hits,-,";

#[test]
fn the_header_is_haproxys() {
    let site = Site::new("header", SECTIONS);
    let text = site.ask("show stat");
    assert_eq!(text.lines().next(), Some(HEADER));
    let commas = HEADER.matches(',').count();
    assert!(
        text.lines().filter(|line| !line.is_empty()).all(|line| line.matches(',').count() == commas),
        "{text}"
    );
    let objects: Vec<_> =
        rows(&text).iter().map(|row| format!("{}/{}", row["pxname"], row["svname"])).collect();
    let expected = [
        "web/FRONTEND",
        "web/entry",
        "app/one",
        "app/off",
        "app/BACKEND",
        "raw/FRONTEND",
        "raw/three",
        "raw/BACKEND",
    ];
    assert_eq!(objects, expected);
}

#[test]
fn what_happens_is_counted() {
    let site = Site::new("counts", SECTIONS);
    for (target, status) in [("/200", 200), ("/404", 404), ("/denied", 403), ("/own", 204), ("/200", 200)] {
        assert_eq!(site.get(target).status, status, "{target}");
    }
    // An exchange is counted when it has ended, which may be after its client has the response.
    let counted = || (row(&site.rows(""), "web", "FRONTEND")["hrsp_2xx"] == "3").then_some(());
    eventually(LIMIT, counted).unwrap();
    let rows = site.rows("");
    let shows = |proxy, object, expected: &[(&str, &str)]| {
        let row = row(&rows, proxy, object);
        expected.iter().for_each(|(name, value)| assert_eq!(row[*name], *value, "{proxy}/{object} {name}"));
    };
    shows(
        "web",
        "FRONTEND",
        &[
            ("stot", "5"),
            ("dreq", "1"),
            ("status", "OPEN"),
            ("type", "0"),
            ("mode", "http"),
            ("req_tot", "5"),
            ("hrsp_4xx", "2"),
            ("hrsp_5xx", "0"),
            ("intercepted", "1"),
            ("conn_tot", "5"),
            ("qcur", ""),
        ],
    );
    shows("web", "entry", &[("stot", "5"), ("dreq", "1"), ("type", "3"), ("proto", "tcpv4")]);
    shows(
        "app",
        "one",
        &[
            ("slim", "5"),
            ("qlimit", "3"),
            ("stot", "3"),
            ("hrsp_2xx", "2"),
            ("hrsp_4xx", "1"),
            ("status", "no check"),
            ("weight", "1"),
            ("act", "1"),
            ("bck", "0"),
            ("lbtot", "3"),
            ("lastsess", "0"),
            ("check_status", ""),
        ],
    );
    let one = row(&rows, "app", "one");
    let [connects, reuses] = ["connect", "reuse"].map(|name| one[name].parse::<u64>().unwrap());
    assert_eq!(connects + reuses, 3, "{one:?}");
    shows("app", "off", &[("status", "MAINT"), ("stot", "0"), ("lastsess", "-1")]);
    shows(
        "app",
        "BACKEND",
        &[
            ("status", "UP"),
            ("act", "1"),
            ("weight", "1"),
            ("algo", "roundrobin"),
            ("req_tot", "3"),
            ("stot", "3"),
        ],
    );
    shows("raw", "FRONTEND", &[("mode", "tcp"), ("hrsp_2xx", ""), ("req_tot", "")]);
}

#[test]
fn objects_can_be_chosen() {
    let site = Site::new("chosen", SECTIONS);
    let objects = |arguments: &str| -> Vec<String> {
        site.rows(arguments).iter().map(|row| format!("{}/{}", row["pxname"], row["svname"])).collect()
    };
    assert_eq!(objects("app 4 -1"), ["app/one", "app/off"]);
    assert_eq!(objects("app 4 2"), ["app/off"]);
    assert_eq!(objects("-1 1 -1"), ["web/FRONTEND", "raw/FRONTEND"]);
    assert_eq!(objects("app -1 -1 no-maint"), ["app/one", "app/BACKEND"]);
    assert_eq!(row(&site.rows("up"), "app", "BACKEND")["status"], "UP (1/2)");
    assert_eq!(site.ask("show stat nothing 1 1").trim_end(), "No such proxy.");
    assert_eq!(site.ask("show stat domain moon").trim_end(), "Invalid statistics domain.");
}

#[test]
fn other_forms_have_the_same_values() {
    let site = Site::new("forms", SECTIONS);
    let app = row(&site.rows(""), "app", "one")["iid"].clone();
    let typed = site.ask("show stat typed");
    let limit = format!("S.{app}.1.6.slim.1:CLPV:u32:5");
    for line in ["svname.1:KNSV:str:FRONTEND", &limit, "status.1:SGPV:str:MAINT"] {
        assert!(typed.lines().any(|shown| shown.ends_with(line)), "{line} in {typed}");
    }
    let described = site.ask("show stat app 4 1 typed desc");
    assert!(described.lines().any(|line| line == format!("{limit}:\"limit of sessions\"")), "{described}");
    let json = site.ask("show stat json");
    let value = format!(
        "{{\"objType\":\"Server\",\"proxyId\":{app},\"id\":1,\"field\":{{\"pos\":6,\"name\":\"slim\"}},\"processNum\":1,\
         \"tags\":{{\"origin\":\"Config\",\"nature\":\"Limit\",\"scope\":\"Process\"}},\
         \"value\":{{\"type\":\"u32\",\"value\":5}}}}"
    );
    assert!(
        json.contains(&value) && json.trim_end().starts_with("[[{") && json.trim_end().ends_with("}]]"),
        "{json}"
    );
    assert!(site.ask("show schema json").contains("\"title\":\"Stat\""));
}

#[test]
fn counters_can_be_reset() {
    let site = Site::new("reset", SECTIONS);
    assert_eq!(site.get("/200").status, 200);
    let shown = |name: &str| row(&site.rows(""), "app", "one")[name].clone();
    eventually(LIMIT, || (shown("hrsp_2xx") == "1").then_some(())).unwrap();
    assert_eq!(shown("smax"), "1");
    site.ask("clear counters");
    assert_eq!([shown("smax"), shown("hrsp_2xx"), shown("stot")], ["0", "1", "1"]);
    site.ask("clear counters server app/off");
    assert_eq!(shown("stot"), "1");
    site.ask("clear counters all");
    assert_eq!([shown("hrsp_2xx"), shown("stot"), shown("bin")], ["0", "0", "0"]);
    assert!(site.ask("clear counters some").contains("expected 'all' or 'server'"));
}
