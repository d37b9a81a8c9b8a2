//! A name server that a test scripts: it answers by UDP and by TCP on the same port, also from elsewhere.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::message::Question;

/// What is sent for a question.
#[derive(Clone, Debug)]
pub(crate) enum Sent {
    /// From the address that was asked.
    Own(Vec<u8>),
    /// From another address.
    Other(Vec<u8>),
}

/// How questions arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Udp,
    Tcp,
}

/// What a peer sends for a question.
type Script = Box<dyn Fn(By, &Question) -> Vec<Sent> + Send>;

/// A running name server. It lives as long as the test.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    script: Arc<Mutex<Script>>,
    asked: Arc<Mutex<HashSet<(u16, u16)>>>,
}

impl Peer {
    pub(crate) fn new(script: impl Fn(By, &Question) -> Vec<Sent> + Send + 'static) -> Peer {
        let (udp, tcp) = both();
        let address = udp.local_addr().unwrap();
        let peer = Peer { address, script: Arc::new(Mutex::new(Box::new(script))), asked: Arc::default() };
        let (by_udp, by_tcp) = (peer.clone(), peer.clone());
        thread::spawn(move || by_udp.serve_udp(&udp));
        thread::spawn(move || by_tcp.serve_tcp(&tcp));
        peer
    }

    /// Answers otherwise from now on.
    pub(crate) fn says(&self, script: impl Fn(By, &Question) -> Vec<Sent> + Send + 'static) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(script);
    }

    /// Returns the ids and the source ports of the questions so far.
    pub(crate) fn asked(&self) -> HashSet<(u16, u16)> {
        self.asked.lock().unwrap().clone()
    }

    fn answer(&self, by: By, question: &Question) -> Vec<Sent> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)(by, question)
    }

    fn serve_udp(&self, socket: &UdpSocket) {
        let other = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let question = Question::read(&buffer[..length]);
            self.asked.lock().unwrap().insert((question.id, from.port()));
            for sent in self.answer(By::Udp, &question) {
                // The program may not wait any more.
                let _ = match sent {
                    Sent::Own(bytes) => socket.send_to(&bytes, from),
                    Sent::Other(bytes) => other.send_to(&bytes, from),
                };
            }
        }
    }

    fn serve_tcp(&self, listener: &TcpListener) {
        for stream in listener.incoming() {
            let (mut stream, peer) = (stream.unwrap(), self.clone());
            thread::spawn(move || {
                let mut length = [0; 2];
                while stream.read_exact(&mut length).is_ok() {
                    let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
                    if stream.read_exact(&mut bytes).is_err() {
                        return;
                    }
                    for sent in peer.answer(By::Tcp, &Question::read(&bytes)) {
                        let (Sent::Own(bytes) | Sent::Other(bytes)) = sent;
                        let framed = [&(bytes.len() as u16).to_be_bytes()[..], &bytes].concat();
                        if stream.write_all(&framed).is_err() {
                            return;
                        }
                    }
                }
            });
        }
    }
}

/// Returns sockets for UDP and TCP with the same port.
fn both() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
            return (udp, tcp);
        }
    }
}
