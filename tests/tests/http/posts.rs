//! Thousands of requests: none is carried out twice, whenever the origin closes, and responses keep their order.
//!
//! `BRAID_POSTS` is how many POSTs are sent (else: 3,000).

use std::env;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use braid_tests::measured::measured;
use braid_tests::program::Program;
use braid_tests::rows::RowFailure;

use crate::message::Answer;
use crate::origin::{After, Origin, Request, answer, client, dawdle, end};
use crate::scenario::{Row, Who};
use crate::world::{World, who};

/// The variable with the number of POSTs.
const BRAID_POSTS: &str = "BRAID_POSTS";
/// The number of concurrent clients.
const CLIENTS: usize = 8;
/// One of this number of POSTs is processed without a response.
const UNANSWERED: usize = 50;
/// The longest time after a response until an origin closes, in microseconds.
const LATEST: u64 = 5000;
/// The requests of one pipeline: several times what a proxy has room for.
const PIPELINE: usize = 1000;
/// The requests that HAProxy has room for: 3.5-dev5 refuses the next one (414).
const SHORT_PIPELINE: usize = 100;

/// Scatters numbers (the last step of SplitMix64), so that a run can be repeated.
fn scatter(number: usize) -> u64 {
    let mut z = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z ^ (z >> 27)
}

/// Runs with an origin that closes 0 to 5 ms after each response, or without any.
pub(crate) fn not_twice(program: &Program) -> Result<(), RowFailure> {
    let count: usize = env::var(BRAID_POSTS).map_or(3000, |text| text.parse().unwrap());
    let world = World::new(program, &Row::new("posts", "defaults: retries 3\nback: http-reuse always"))?;
    let executed: Arc<Vec<AtomicU8>> = Arc::new((0..count).map(|_| AtomicU8::new(0)).collect());
    let seen = Arc::clone(&executed);
    let serve = move |request: &Request, stream: &mut std::net::TcpStream| {
        let number: usize = String::from_utf8_lossy(&request.body).parse().unwrap();
        seen[number].fetch_add(1, Ordering::Relaxed);
        let chance = scatter(number);
        if number.is_multiple_of(UNANSWERED) {
            return Ok(After::Close);
        }
        answer(stream, &request.body)?;
        if chance.is_multiple_of(4) {
            return Ok(After::GoOn);
        }
        dawdle(Duration::from_micros((chance >> 8) % LATEST));
        Ok(After::Close)
    };
    let origin = Origin::start(world.origin(), Arc::new(serve));
    let (next, answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut connection = None;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let mut stream = connection
                        .take()
                        .unwrap_or_else(|| client(world.front()).expect("a client connects"));
                    let body = number.to_string();
                    let head =
                        format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", body.len());
                    if stream.write_all(format!("{head}{body}").as_bytes()).is_err() {
                        continue;
                    }
                    // A POST without a response is not sent again: the client cannot know whether it was carried out.
                    let Ok(got) = Answer::read(&mut stream, false) else { continue };
                    if got.status == 200 {
                        assert_eq!(got.body, body.as_bytes(), "the answer to another request");
                        answered.fetch_add(1, Ordering::Relaxed);
                        assert_eq!(executed[number].load(Ordering::Relaxed), 1, "POST {number}");
                        connection = Some(stream);
                    } else {
                        assert_eq!(got.status, 502, "POST {number}");
                        end(&stream);
                    }
                }
            });
        }
    });
    let times = |times: u8| executed.iter().filter(|count| count.load(Ordering::Relaxed) == times).count();
    let (never, once, answered) = (times(0), times(1), answered.into_inner());
    measured(format!(
        "{}: {count} POSTs, {never} never, {once} once, {answered} answered, over {} connections",
        program.name,
        origin.connections()
    ));
    if never + once != count {
        return Err(RowFailure::Failed(format!("{} POSTs were carried out again", count - never - once)));
    }
    // Many are lost to a close in the moment of their use, but a proxy that loses nearly all of them is broken.
    if answered < count / 4 {
        return Err(RowFailure::Failed(format!("only {answered} of {count} answered")));
    }
    Ok(())
}

/// Runs many requests in one write.
pub(crate) fn in_order(program: &Program) -> Result<(), RowFailure> {
    let world = World::new(program, &Row::new("pipeline", ""))?;
    let serve = |request: &Request, stream: &mut std::net::TcpStream| {
        answer(stream, request.path.as_bytes())?;
        Ok(After::GoOn)
    };
    let origin = Origin::start(world.origin(), Arc::new(serve));
    let mut stream = client(world.front()).map_err(|error| error.to_string())?;
    let count = if who(program) == Who::HAProxy { SHORT_PIPELINE } else { PIPELINE };
    let requests: String = (0..count).map(|n| format!("GET /{n} HTTP/1.1\r\nhost: a\r\n\r\n")).collect();
    let mut writer = stream.try_clone().map_err(|error| error.to_string())?;
    let writing = thread::spawn(move || writer.write_all(requests.as_bytes()));
    for number in 0..count {
        let got = Answer::read(&mut stream, false)?;
        if got.body != format!("/{number}").as_bytes() {
            return Err(RowFailure::Failed(format!(
                "answer {number} is {:?}",
                String::from_utf8_lossy(&got.body)
            )));
        }
    }
    writing.join().unwrap().map_err(|error| error.to_string())?;
    assert_eq!(origin.connections(), 1, "connections for one pipeline");
    Ok(())
}
