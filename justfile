# What people and CI run. `just` alone lists it.

default:
    @just --list

# All checks of CI.
all: test fmt clippy doc layers words typos deny proto new-crates

# The test command of the README.
test:
    cargo test --workspace

# The tests of each transport, alone.
proto:
    for crate in proto-core proto-tcp proto-mptcp proto-unix proto-quic-stub; do cargo test -p "$crate" || exit 1; done

fmt:
    cargo fmt --all --check

clippy:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# Checks the imports inside the crates: no circles of files, and the engine's folders import downwards only.
layers:
    python3 tools/layers --self-test
    python3 tools/layers

# Finds phrases that are not plain English; CONTRIBUTING.md has the terms.
words:
    python3 tools/words --self-test
    python3 tools/words

# Measures how many typos in configurations get the intended word as a suggestion; see tools/typos
[positional-arguments]
typos *args:
    cargo build -p proxy-bin
    python3 tools/typos "$@"

# Measures how many planted bugs the conformance suite finds; see tools/mutants. `just mutants splice`
[positional-arguments]
mutants *args:
    python3 tools/mutants "$@"

# Makes a transport crate that passes the conformance suite from the start. `just new-transport vsock`
new-transport name:
    python3 tools/new-crate transport {{name}}

# Makes a layer crate likewise. `just new-layer lz`
new-layer name:
    python3 tools/new-crate layer {{name}}

# Makes one of each in another folder, and checks that they compile, register and pass.
new-crates:
    python3 tools/new-crate --self-test

# Generates the page of all keywords. A test fails while it is out of date.
keywords:
    cargo run --quiet -p proxy-bin -- --dump-keywords > docs/keywords.md.new && mv docs/keywords.md.new docs/keywords.md

# Generates the expected messages about broken configurations. Read the difference before committing it.
bless:
    BRAID_BLESS=1 cargo test -p braid-tests --test broken

# Ten minutes each of random configurations, conditions, bytes before rules, HTTP messages, checked servers, TLS hellos and answers of name servers.
fuzz seconds="600":
    cd proxy-cli && BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS={{seconds}}000 cargo test --release --test fuzz_configuration
    cd proxy-config && BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS={{seconds}}000 cargo test --release --test fuzz_condition
    cd proxy-rules && BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS={{seconds}}000 cargo test --release --test fuzz_bytes
    cd proxy-http && BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS={{seconds}}000 cargo test --release --test fuzz
    cd proxy-health && BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS={{seconds}}000 cargo test --release --test fuzz_conversation
    cd proxy-resolve && BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS={{seconds}}000 cargo test --release --test answers hostile
    cd proxy-tls && BOLERO_RANDOM_ITERATIONS=100000000 BOLERO_RANDOM_TEST_TIME_MS={{seconds}}000 cargo test --release --test fuzz_hello

# Licences, sources and banned crates. Only the crates themselves are fetched.
deny:
    cargo fetch --locked
    cargo deny --offline check bans licenses sources

# Known vulnerabilities; fetches the advisory database.
advisories:
    cargo deny check advisories

# Repeats the tests of the claims about MPTCP.
claims times="20":
    for n in $(seq {{times}}); do cargo test -p braid-tests --test claims || exit 1; done

# HTTP side by side: CPU time per unit of braid, haproxy and nginx; see bench/README.md. `just bench-http --only tcp`
[positional-arguments]
bench-http *args:
    cargo build --release -p proxy-bin -p braid-load
    "${CARGO_TARGET_DIR:-target}/release/braid-load" compare-http --braid "${CARGO_TARGET_DIR:-target}/release/braid" "$@"

# Instructions per request and connection, heap per idle connection, counted by valgrind; see bench/README.md
[positional-arguments]
cost *args:
    case " $* " in *" --braid"*) ;; *) cargo build --release -p proxy-bin ;; esac
    cargo build --release -p braid-cost
    "${CARGO_TARGET_DIR:-target}/release/braid-cost" "$@"
