//! What goes over a connection, byte for byte: a proxy that writes down what is sent through it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A proxy on 127.0.0.1. Its threads end with the test's process.
#[derive(Debug)]
pub struct Wire {
    /// Where it listens.
    pub port: u16,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    /// Listens, and passes on to `127.0.0.1:to`.
    #[must_use]
    pub fn to(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&sent);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else {
                    continue;
                };
                let back = (client.try_clone(), server.try_clone());
                if let (Ok(client), Ok(server)) = back {
                    thread::spawn(move || pass(server, client, None));
                }
                let written = Arc::clone(&written);
                thread::spawn(move || pass(client, server, Some(&written)));
            }
        });
        Self { port, sent }
    }

    /// All that was sent through it so far.
    #[must_use]
    pub fn sent(&self) -> Vec<u8> {
        self.sent.lock().expect("no thread has failed").clone()
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, written: Option<&Mutex<Vec<u8>>>) {
    let mut buffer = [0; 16384];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if let Some(written) = written {
            let mut written = written.lock().expect("no thread has failed");
            written.extend_from_slice(&buffer[..n]);
        }
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}
