# What people and CI run. `just` alone lists it.

default:
    @just --list

# All that CI checks.
all: test fmt clippy doc deny proto

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

# Licences, sources and banned crates. Only the crates themselves are fetched.
deny:
    cargo fetch --locked
    cargo deny --offline check bans licenses sources

# Known vulnerabilities; fetches the advisory database.
advisories:
    cargo deny check advisories

# The claims of MPTCP, over and over.
claims times="20":
    for n in $(seq {{times}}); do cargo test -p braid-tests --test claims || exit 1; done
