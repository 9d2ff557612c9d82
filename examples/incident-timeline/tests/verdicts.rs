//! The verdicts: recordings whose truth is known, each faulty one beside a twin with the same traffic and no fault.
//!
//! The first finding is the root cause, with its kind, its place and whose fault it is; a nominal recording gives none. What is printed in a
//! pipe says so in its first ten lines.
#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used
)]

mod common;
mod made;

use common::{Temporary, run, text};
use made::{
    ACK, Capture, Client, Connection, FIN, Line, READ, RST, SYN, Server, adu, ascii, closed, read,
    registers, write,
};
use serde_json::Value;

/// What is recorded.
enum Recording {
    Capture(Capture),
    Line(Line),
}

/// The truth about a recording.
struct Truth {
    kind: &'static str,
    blame: &'static str,
    /// A part of the text, which names the place.
    place: &'static str,
}

/// A recording with a fault, and its twin without.
struct Pair {
    name: &'static str,
    arguments: &'static [&'static str],
    truth: Truth,
    /// Makes the recording, with the fault or without.
    make: fn(bool) -> Recording,
}

struct Nominal {
    name: &'static str,
    arguments: &'static [&'static str],
    make: fn() -> Recording,
}

const fn pair(
    name: &'static str,
    kind: &'static str,
    blame: &'static str,
    place: &'static str,
    make: fn(bool) -> Recording,
) -> Pair {
    Pair { name, arguments: &[], truth: Truth { kind, blame, place }, make }
}

const fn nominal(name: &'static str, make: fn() -> Recording) -> Nominal {
    Nominal { name, arguments: &[], make }
}

impl Pair {
    const fn with(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }
}

impl Nominal {
    const fn with(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }
}

/// A capture of one connection, after some exchanges that are as they should be.
fn tcp(with: impl FnOnce(&mut Capture, &mut Connection)) -> Recording {
    let mut capture = Capture::default();
    let mut connection = capture.open(0);
    capture.polls(&mut connection, 1, 20);
    with(&mut capture, &mut connection);
    capture.polls(&mut connection, 1, 5);
    capture.close(&mut connection);
    Recording::Capture(capture)
}

/// The same in UDP.
fn udp(with: impl FnOnce(&mut Capture, &mut Connection)) -> Recording {
    let mut capture = Capture::default();
    let mut connection = Connection::udp(0);
    capture.polls(&mut connection, 1, 20);
    with(&mut capture, &mut connection);
    capture.polls(&mut connection, 1, 5);
    capture.wait(5_000_000);
    Recording::Capture(capture)
}

/// A line, after some exchanges that are as they should be.
fn line(with: impl FnOnce(&mut Line)) -> Recording {
    let mut line = Line::default();
    line.polls(1, 20);
    with(&mut line);
    line.polls(1, 5);
    Recording::Line(line)
}

/// RTU frames in a connection.
fn rtu(with: impl FnOnce(&mut Capture, &mut Connection)) -> Recording {
    let mut capture = Capture::default();
    let mut connection = Connection::new(0, false);
    connection.server.1 = 4001;
    for _ in 0..20 {
        rtu_exchange(&mut capture, &mut connection, 1, (&READ, &registers(&[1, 2])));
    }
    with(&mut capture, &mut connection);
    for _ in 0..5 {
        rtu_exchange(&mut capture, &mut connection, 1, (&READ, &registers(&[1, 2])));
    }
    capture.close(&mut connection);
    Recording::Capture(capture)
}

const RTU: &[&str] = &["--rtu-over-tcp", "4001"];

fn rtu_ask(capture: &mut Capture, connection: &mut Connection, unit: u8, pdu: &[u8]) {
    capture.data(connection, Client, &closed(unit, pdu));
    capture.ack(connection, Server);
}

fn rtu_exchange(
    capture: &mut Capture,
    connection: &mut Connection,
    unit: u8,
    (request, response): (&[u8], &[u8]),
) {
    rtu_ask(capture, connection, unit, request);
    capture.wait(8_000);
    capture.data(connection, Server, &closed(unit, response));
    capture.ack(connection, Client);
    capture.wait(100_000);
}

const EXCEPTION_2: [u8; 2] = [0x83, 2];

fn pairs() -> Vec<Pair> {
    let mut pairs = of_tcp();
    pairs.extend(of_connections());
    pairs.extend(of_udp());
    pairs.extend(of_rtu_over_tcp());
    pairs.extend(of_lines());
    pairs
}

fn of_tcp() -> Vec<Pair> {
    vec![
        pair(
            "a device that does not answer",
            "unanswered",
            "device",
            "unit 9 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..6 {
                        let transaction = capture.ask(connection, 9, &READ);
                        if !is_faulty {
                            capture.answer(
                                connection,
                                (transaction, 9),
                                &registers(&[1, 2]),
                                5_000,
                            );
                        }
                        capture.wait(1_000_000);
                    }
                })
            },
        ),
        pair(
            "a device that does not answer for a while",
            "unanswered",
            "device",
            "unit 9 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    for round in 0..12 {
                        let transaction = capture.ask(connection, 9, &read(round, 2));
                        if !is_faulty || round > 5 {
                            capture.answer(
                                connection,
                                (transaction, 9),
                                &registers(&[1, 2]),
                                5_000,
                            );
                        }
                        capture.wait(1_000_000);
                    }
                })
            },
        ),
        pair(
            "requests that nobody acknowledges",
            "unanswered",
            "network",
            "unit 1 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    let transaction = connection.next();
                    let request = adu(transaction, 1, &READ);
                    capture.data(connection, Client, &request);
                    if is_faulty {
                        for pause in [300_000, 600_000, 1_200_000, 2_400_000] {
                            capture.wait(pause);
                            connection.back(Client, request.len());
                            capture.data(connection, Client, &request);
                        }
                        // The client gives up, and begins anew.
                        capture.wait(5_000_000);
                        capture.segment(connection, Client, RST | ACK, &[]);
                        capture.wait(100_000);
                        *connection = capture.open(1);
                    } else {
                        capture.ack(connection, Server);
                        capture.answer(connection, (transaction, 1), &registers(&[1, 2]), 5_000);
                    }
                })
            },
        ),
        pair(
            "a server without room",
            "unanswered",
            "network",
            "unit 1 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    let transaction = capture.ask(connection, 1, &READ);
                    if is_faulty {
                        connection.window = 0;
                        capture.segment(connection, Server, ACK, &[]);
                        connection.window = 65_535;
                        capture.wait(8_000_000);
                        capture.segment(connection, Client, FIN | ACK, &[]);
                        connection.window = 0;
                        capture.segment(connection, Server, FIN | ACK, &[]);
                        connection.window = 65_535;
                        *connection = capture.open(1);
                    } else {
                        capture.answer(connection, (transaction, 1), &registers(&[1, 2]), 5_000);
                    }
                })
            },
        ),
        pair(
            "addresses that the device does not have",
            "exceptions",
            "client",
            "unit 1 at 10.0.0.1:502: 300 exceptions 02",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..300 {
                        let answer =
                            if is_faulty { EXCEPTION_2.to_vec() } else { registers(&[1, 2]) };
                        capture.exchange(connection, 1, (&read(900, 2), &answer), 5_000);
                    }
                })
            },
        ),
        pair(
            "a function that the device does not have",
            "exceptions",
            "client",
            "exceptions 01",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..3 {
                        let answer = if is_faulty { vec![0x83, 1] } else { registers(&[1, 2]) };
                        capture.exchange(connection, 1, (&READ, &answer), 5_000);
                    }
                })
            },
        ),
        pair("a device that fails", "exceptions", "device", "exceptions 04", |is_faulty| {
            tcp(|capture, connection| {
                for _ in 0..3 {
                    let answer = if is_faulty { vec![0x83, 4] } else { registers(&[1, 2]) };
                    capture.exchange(connection, 1, (&READ, &answer), 5_000);
                }
            })
        }),
        pair(
            "a gateway whose device is silent",
            "exceptions",
            "device",
            "unit 7 at 10.0.0.1:502: 5 exceptions 0B",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..5 {
                        let answer = if is_faulty { vec![0x83, 0x0B] } else { registers(&[1, 2]) };
                        capture.exchange(connection, 7, (&READ, &answer), 500_000);
                    }
                })
            },
        ),
        pair(
            "fewer registers than were asked for",
            "mismatched",
            "device",
            "unit 1 at 10.0.0.1:502: 10 answers to function 03",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..10 {
                        let answer = if is_faulty { registers(&[1]) } else { registers(&[1, 2]) };
                        capture.exchange(connection, 1, (&READ, &answer), 5_000);
                    }
                })
            },
        ),
        pair(
            "a write that is answered with another value",
            "mismatched",
            "device",
            "to function 06",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..3 {
                        let answer = write(8, if is_faulty { 1 } else { 7 });
                        capture.exchange(connection, 1, (&write(8, 7), &answer), 5_000);
                    }
                })
            },
        ),
        pair(
            "another unit that answers",
            "mismatched",
            "device",
            "unit 2 was asked, 3 answered",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..3 {
                        let transaction = capture.ask(connection, 2, &READ);
                        let unit = if is_faulty { 3 } else { 2 };
                        capture.answer(connection, (transaction, unit), &registers(&[1, 2]), 5_000);
                        capture.wait(100_000);
                    }
                })
            },
        ),
        pair(
            "another function that answers",
            "mismatched",
            "device",
            "function 03 was asked, 04 answered",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..3 {
                        let mut answer = registers(&[1, 2]);
                        answer[0] += u8::from(is_faulty);
                        capture.exchange(connection, 1, (&READ, &answer), 5_000);
                    }
                })
            },
        ),
        pair(
            "answers of the request before",
            "answers_shifted",
            "device",
            "unit 1 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    let mut before = registers(&[1, 2]);
                    for quantity in (1..=12_u16).map(|round| 3 + round % 4) {
                        let values: Vec<u16> = (0..quantity).collect();
                        let own = registers(&values);
                        let answer = if is_faulty { &before } else { &own };
                        capture.exchange(connection, 1, (&read(0, quantity), answer), 5_000);
                        before = own;
                    }
                })
            },
        ),
        pair(
            "answers after the client asks again",
            "late_answer",
            "device",
            "unit 1 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..4 {
                        let first = capture.ask(connection, 1, &READ);
                        if is_faulty {
                            capture.wait(1_000_000);
                            let second = capture.ask(connection, 1, &READ);
                            capture.answer(connection, (first, 1), &registers(&[1, 2]), 200_000);
                            capture.answer(connection, (second, 1), &registers(&[1, 2]), 1_000);
                        } else {
                            capture.answer(connection, (first, 1), &registers(&[1, 2]), 5_000);
                        }
                        capture.wait(500_000);
                    }
                })
            },
        ),
        pair(
            "requests that are answered twice",
            "double_answer",
            "device",
            "unit 1 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..4 {
                        let transaction = capture.ask(connection, 1, &READ);
                        capture.answer(connection, (transaction, 1), &registers(&[1, 2]), 5_000);
                        if is_faulty {
                            capture.answer(
                                connection,
                                (transaction, 1),
                                &registers(&[1, 2]),
                                5_000,
                            );
                        }
                        capture.wait(100_000);
                    }
                })
            },
        ),
        pair(
            "identifiers that are not repeated",
            "identifier",
            "device",
            "unit 1 at 10.0.0.1:502",
            |is_faulty| {
                let mut capture = Capture::default();
                let mut connection = capture.open(0);
                for _ in 0..20 {
                    let transaction = capture.ask(&mut connection, 1, &READ);
                    let repeated = if is_faulty { transaction + 1 } else { transaction };
                    capture.answer(&mut connection, (repeated, 1), &registers(&[1, 2]), 5_000);
                    capture.wait(100_000);
                }
                capture.close(&mut connection);
                Recording::Capture(capture)
            },
        ),
        pair("waste after the answers", "waste", "device", "10.0.0.1:502 sends", |is_faulty| {
            tcp(|capture, connection| {
                for round in 0..20_u8 {
                    capture.exchange(connection, 1, (&READ, &registers(&[1, 2])), 5_000);
                    if is_faulty {
                        let waste: Vec<u8> = (0..60_u8).map(|byte| byte ^ round | 0x40).collect();
                        capture.data(connection, Server, &waste);
                        capture.wait(1_000);
                    }
                }
            })
        }),
        pair(
            "another protocol on the port",
            "waste",
            "device",
            "10.0.0.100:40001 sends",
            |is_faulty| {
                tcp(|capture, _| {
                    let mut other = capture.open(1);
                    if is_faulty {
                        capture.data(&mut other, Client, b"GET / HTTP/1.1\r\nHost: plc\r\n\r\n");
                        capture.ack(&mut other, Server);
                    } else {
                        capture.polls(&mut other, 1, 1);
                    }
                    capture.close(&mut other);
                })
            },
        ),
        pair(
            "a length that is not what came",
            "off_spec",
            "device",
            "the length at byte 4 says 4, 3 came",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..5 {
                        let transaction = capture.ask(connection, 1, &write(9, 1));
                        let mut answer = adu(transaction, 1, &write(9, 1));
                        if is_faulty {
                            answer = adu(transaction, 1, &[0x86, 4]);
                            answer[5] += 1;
                        }
                        capture.wait(5_000);
                        capture.data(connection, Server, &answer);
                        capture.ack(connection, Client);
                        capture.wait(100_000);
                        capture.polls(connection, 1, 1);
                    }
                })
            },
        ),
        pair(
            "an answer against the standard",
            "off_spec",
            "device",
            "unit 1 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    let answer =
                        if is_faulty { vec![3, 5, 0, 1, 0, 2, 0] } else { registers(&[1, 2]) };
                    capture.exchange(connection, 1, (&READ, &answer), 5_000);
                })
            },
        ),
        pair(
            "a request against the standard",
            "off_spec",
            "client",
            "expected 1..=125, got 200",
            |is_faulty| {
                tcp(|capture, connection| {
                    let (quantity, answer) =
                        if is_faulty { (200, vec![0x83, 3]) } else { (2, registers(&[1, 2])) };
                    capture.exchange(connection, 1, (&read(0, quantity), &answer), 5_000);
                })
            },
        ),
        pair(
            "a device that slows down",
            "latency_drift",
            "device",
            "unit 1 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    for round in 0..60 {
                        let after_us = if is_faulty { 5_000 + round * 4_000 } else { 5_000 };
                        capture.exchange(connection, 1, (&READ, &registers(&[1, 2])), after_us);
                    }
                })
            },
        ),
        pair(
            "a device that slows down until it is silent",
            "latency_drift",
            "device",
            "unit 3 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    for round in 0..60 {
                        let transaction = capture.ask(connection, 3, &READ);
                        let after_us = if is_faulty { 5_000 + round * 10_000 } else { 5_000 };
                        if !is_faulty || round < 50 {
                            capture.answer(
                                connection,
                                (transaction, 3),
                                &registers(&[1, 2]),
                                after_us,
                            );
                        }
                        capture.wait(1_000_000);
                    }
                })
            },
        ),
        pair(
            "a client that uses an identifier twice",
            "unanswered",
            "client",
            "unit 1 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..3 {
                        let first = capture.ask(connection, 1, &read(0, 2));
                        let second = if is_faulty { first } else { connection.next() };
                        capture.data(connection, Client, &adu(second, 1, &read(50, 3)));
                        capture.ack(connection, Server);
                        if !is_faulty {
                            capture.answer(connection, (first, 1), &registers(&[1, 2]), 5_000);
                        }
                        capture.answer(connection, (second, 1), &registers(&[1, 2, 3]), 5_000);
                        capture.wait(100_000);
                    }
                })
            },
        ),
    ]
}

fn of_connections() -> Vec<Pair> {
    vec![
        pair(
            "a connection that is refused",
            "refused",
            "network",
            "10.0.0.1:502: 3 connections refused",
            |is_faulty| {
                let mut capture = Capture::default();
                for index in 0..3 {
                    if is_faulty {
                        let mut connection = Connection::new(index, false);
                        capture.segment(&mut connection, Client, SYN, &[]);
                        capture.wait(200);
                        capture.segment(&mut connection, Server, RST | ACK, &[]);
                    } else {
                        let mut connection = capture.open(index);
                        capture.polls(&mut connection, 1, 3);
                        capture.close(&mut connection);
                    }
                    capture.wait(1_000_000);
                }
                Recording::Capture(capture)
            },
        ),
        pair("a host that is not there", "refused", "network", "10.0.0.1:502", |is_faulty| {
            let mut capture = Capture::default();
            if is_faulty {
                let mut connection = Connection::new(0, false);
                for pause in [1_000_000, 2_000_000, 4_000_000] {
                    capture.segment(&mut connection, Client, SYN, &[]);
                    connection.back(Client, 1);
                    capture.wait(pause);
                }
            }
            let mut other = Connection::new(1, false);
            other.server.0 = [10, 0, 0, 2];
            capture.polls(&mut other, 1, 10);
            capture.close(&mut other);
            Recording::Capture(capture)
        }),
        pair(
            "a connection that is reset",
            "refused",
            "network",
            "10.0.0.1:502: 1 connection reset",
            |is_faulty| {
                tcp(|capture, connection| {
                    let transaction = capture.ask(connection, 1, &READ);
                    if is_faulty {
                        capture.wait(2_000);
                        capture.segment(connection, Server, RST | ACK, &[]);
                        capture.wait(1_000_000);
                        *connection = capture.open(1);
                    } else {
                        capture.answer(connection, (transaction, 1), &registers(&[1, 2]), 2_000);
                    }
                })
            },
        ),
        pair("a client that stops", "stopped", "client", "10.0.0.1:502", |is_faulty| {
            let mut capture = Capture::default();
            let mut connection = capture.open(0);
            capture.polls(&mut connection, 1, 30);
            let mut other = Connection::new(1, false);
            other.server.0 = [10, 0, 0, 2];
            for _ in 0..30 {
                capture.polls(&mut other, 1, 1);
                if !is_faulty {
                    capture.polls(&mut connection, 1, 1);
                }
                capture.wait(1_000_000);
            }
            Recording::Capture(capture)
        }),
        pair(
            "a gateway that lost its line",
            "unanswered",
            "device",
            "10.0.0.1:502: none of 5 units",
            |is_faulty| {
                let mut capture = Capture::default();
                let mut connection = capture.open(0);
                for round in 0..12 {
                    for unit in 1..=5 {
                        let transaction = capture.ask(&mut connection, unit, &READ);
                        if is_faulty && round >= 6 {
                            capture.wait(1_000_000);
                        } else {
                            capture.answer(
                                &mut connection,
                                (transaction, unit),
                                &registers(&[1, 2]),
                                9_000,
                            );
                        }
                    }
                }
                capture.wait(3_000_000);
                capture.close(&mut connection);
                Recording::Capture(capture)
            },
        ),
        pair(
            "a client that asks again and again",
            "unanswered",
            "device",
            "unit 4 at 10.0.0.1:502",
            |is_faulty| {
                tcp(|capture, connection| {
                    for _ in 0..8 {
                        let transaction = capture.ask(connection, 4, &READ);
                        if is_faulty {
                            capture.wait(300_000);
                        } else {
                            capture.answer(
                                connection,
                                (transaction, 4),
                                &registers(&[1, 2]),
                                5_000,
                            );
                        }
                    }
                })
            },
        ),
    ]
}

fn of_udp() -> Vec<Pair> {
    vec![
        pair(
            "UDP: a device that does not answer",
            "unanswered",
            "unknown",
            "unit 9 at 10.0.0.1:502",
            |is_faulty| {
                udp(|capture, connection| {
                    for _ in 0..4 {
                        let transaction = capture.ask(connection, 9, &READ);
                        if !is_faulty {
                            capture.answer(
                                connection,
                                (transaction, 9),
                                &registers(&[1, 2]),
                                5_000,
                            );
                        }
                        capture.wait(1_000_000);
                    }
                })
            },
        ),
        pair("UDP: exceptions", "exceptions", "client", "exceptions 02", |is_faulty| {
            udp(|capture, connection| {
                for _ in 0..4 {
                    let answer = if is_faulty { EXCEPTION_2.to_vec() } else { registers(&[1, 2]) };
                    capture.exchange(connection, 1, (&READ, &answer), 5_000);
                }
            })
        }),
        pair(
            "UDP: fewer registers than were asked for",
            "mismatched",
            "device",
            "function 03",
            |is_faulty| {
                udp(|capture, connection| {
                    for _ in 0..4 {
                        let answer = if is_faulty { registers(&[1]) } else { registers(&[1, 2]) };
                        capture.exchange(connection, 1, (&READ, &answer), 5_000);
                    }
                })
            },
        ),
        pair(
            "UDP: answers that come twice",
            "double_answer",
            "device",
            "unit 1 at 10.0.0.1:502",
            |is_faulty| {
                udp(|capture, connection| {
                    for _ in 0..4 {
                        let transaction = capture.ask(connection, 1, &READ);
                        capture.answer(connection, (transaction, 1), &registers(&[1, 2]), 5_000);
                        if is_faulty {
                            capture.answer(connection, (transaction, 1), &registers(&[1, 2]), 300);
                        }
                        capture.wait(100_000);
                    }
                })
            },
        ),
    ]
}

fn of_rtu_over_tcp() -> Vec<Pair> {
    vec![
        pair(
            "RTU in TCP: a unit that does not answer",
            "unanswered",
            "device",
            "unit 9 at 10.0.0.1:4001",
            |is_faulty| {
                rtu(|capture, connection| {
                    for _ in 0..4 {
                        if is_faulty {
                            rtu_ask(capture, connection, 9, &READ);
                        } else {
                            rtu_exchange(capture, connection, 9, (&READ, &registers(&[1, 2])));
                        }
                        capture.wait(1_000_000);
                    }
                })
            },
        )
        .with(RTU),
        pair(
            "RTU in TCP: an answer without its address",
            "off_spec",
            "device",
            "unit 1 at 10.0.0.1:4001",
            |is_faulty| {
                rtu(|capture, connection| {
                    for _ in 0..5 {
                        let answer = if is_faulty { vec![6, 0, 5] } else { write(1, 5) };
                        rtu_exchange(capture, connection, 1, (&write(1, 5), &answer));
                    }
                })
            },
        )
        .with(RTU),
        pair("RTU in TCP: exceptions", "exceptions", "client", "exceptions 02", |is_faulty| {
            rtu(|capture, connection| {
                for _ in 0..5 {
                    let answer = if is_faulty { EXCEPTION_2.to_vec() } else { registers(&[1, 2]) };
                    rtu_exchange(capture, connection, 1, (&READ, &answer));
                }
            })
        })
        .with(RTU),
        pair(
            "RTU in TCP: fewer registers than were asked for",
            "mismatched",
            "device",
            "function 03",
            |is_faulty| {
                rtu(|capture, connection| {
                    for _ in 0..5 {
                        let answer = if is_faulty { registers(&[1]) } else { registers(&[1, 2]) };
                        rtu_exchange(capture, connection, 1, (&READ, &answer));
                    }
                })
            },
        )
        .with(RTU),
        pair("RTU in TCP: damaged answers", "crc_errors", "line", "unit 1", |is_faulty| {
            rtu(|capture, connection| {
                for _ in 0..5 {
                    rtu_ask(capture, connection, 1, &READ);
                    capture.wait(8_000);
                    let mut answer = closed(1, &registers(&[1, 2]));
                    answer[4] ^= u8::from(is_faulty) << 3;
                    capture.data(connection, Server, &answer);
                    capture.ack(connection, Client);
                    capture.wait(1_000_000);
                }
            })
        })
        .with(RTU),
    ]
}

fn of_lines() -> Vec<Pair> {
    vec![
        pair(
            "a line: a unit that does not answer",
            "unanswered",
            "device",
            "unit 9",
            |is_faulty| {
                line(|line| {
                    for _ in 0..4 {
                        line.frame(9, &READ);
                        if !is_faulty {
                            line.wait(8_000);
                            line.frame(9, &registers(&[1, 2]));
                        }
                        line.wait(1_000_000);
                    }
                })
            },
        ),
        pair("a line: a dead unit is written to", "unanswered", "device", "unit 9", |is_faulty| {
            line(|line| {
                for round in 0..10 {
                    for _ in 0..3 {
                        line.frame(9, &write(1, round));
                        line.wait(if is_faulty { 500_000 } else { 8_000 });
                        if !is_faulty {
                            line.frame(9, &write(1, round));
                            line.wait(60_000);
                        }
                    }
                }
            })
        }),
        pair("a line: damaged answers", "crc_errors", "line", "unit 2", |is_faulty| {
            line(|line| {
                for round in 0..6_usize {
                    line.frame(2, &READ);
                    line.wait(8_000);
                    let mut answer = closed(2, &registers(&[1, 2]));
                    answer[3 + round % 4] ^= u8::from(is_faulty) << (round % 8);
                    line.bytes(&answer);
                    line.wait(1_000_000);
                }
            })
        }),
        pair("a line: another baud rate", "wrong_baud", "line", "bytes on the line", |is_faulty| {
            let mut line = Line::default();
            for round in 0..30 {
                if is_faulty {
                    let noise: Vec<u8> =
                        (0..7_u8).map(|byte| byte.wrapping_mul(37) ^ round ^ 0xE0).collect();
                    line.bytes(&noise);
                    line.wait(20_000);
                } else {
                    line.polls(1, 1);
                }
            }
            Recording::Line(line)
        }),
        pair(
            "a line: an answer without its address",
            "off_spec",
            "device",
            "unit 1",
            |is_faulty| {
                line(|line| {
                    for _ in 0..5 {
                        let answer = if is_faulty { vec![6, 0, 5] } else { write(1, 5) };
                        line.exchange(1, (&write(1, 5), &answer), 8_000);
                    }
                })
            },
        ),
        pair("a line: an answer with a byte more", "off_spec", "device", "unit 1", |is_faulty| {
            line(|line| {
                for _ in 0..5 {
                    let mut answer = write(1, 5);
                    if is_faulty {
                        answer.push(0);
                    }
                    line.exchange(1, (&write(1, 5), &answer), 8_000);
                }
            })
        }),
        pair(
            "a line: exceptions",
            "exceptions",
            "client",
            "unit 1: 5 exceptions 02",
            |is_faulty| {
                line(|line| {
                    for _ in 0..5 {
                        let answer =
                            if is_faulty { EXCEPTION_2.to_vec() } else { registers(&[1, 2]) };
                        line.exchange(1, (&READ, &answer), 8_000);
                    }
                })
            },
        ),
        pair(
            "a line: fewer registers than were asked for",
            "mismatched",
            "device",
            "unit 1",
            |is_faulty| {
                line(|line| {
                    for _ in 0..5 {
                        let answer = if is_faulty { registers(&[1]) } else { registers(&[1, 2]) };
                        line.exchange(1, (&READ, &answer), 8_000);
                    }
                })
            },
        ),
        pair("a line: another value is written", "mismatched", "device", "unit 1", |is_faulty| {
            line(|line| {
                for _ in 0..5 {
                    let answer = write(1, if is_faulty { 6 } else { 5 });
                    line.exchange(1, (&write(1, 5), &answer), 8_000);
                }
            })
        }),
        pair(
            "a line: answers of the request before",
            "answers_shifted",
            "device",
            "unit 1",
            |is_faulty| {
                line(|line| {
                    let mut before = registers(&[1, 2]);
                    for quantity in (1..=12_u16).map(|round| 3 + round % 4) {
                        let values: Vec<u16> = (0..quantity).collect();
                        let own = registers(&values);
                        let answer = if is_faulty { &before } else { &own };
                        line.exchange(1, (&read(0, quantity), answer), 8_000);
                        before = own;
                    }
                })
            },
        ),
        pair(
            "a line: requests that are answered twice",
            "double_answer",
            "device",
            "unit 1",
            |is_faulty| {
                line(|line| {
                    for _ in 0..5 {
                        line.frame(1, &READ);
                        line.wait(8_000);
                        line.frame(1, &registers(&[1, 2]));
                        if is_faulty {
                            line.wait(6_000);
                            line.frame(1, &registers(&[1, 2]));
                        }
                        line.wait(100_000);
                    }
                })
            },
        ),
        pair(
            "a line: a device that slows down",
            "latency_drift",
            "device",
            "unit 1",
            |is_faulty| {
                line(|line| {
                    for round in 0..50 {
                        let after_us = if is_faulty { 8_000 + round * 5_000 } else { 8_000 };
                        line.exchange(1, (&READ, &registers(&[1, 2])), after_us);
                    }
                })
            },
        ),
        pair("a line: damaged ASCII", "crc_errors", "line", "unit", |is_faulty| {
            let mut line = Line::default();
            for round in 0..20_usize {
                line.ascii(1, &READ);
                line.wait(15_000);
                let mut answer = ascii(1, &registers(&[1, 2]));
                if is_faulty && round >= 10 {
                    answer[9] = if answer[9] == b'0' { b'1' } else { b'0' };
                }
                line.bytes(&answer);
                line.wait(500_000);
            }
            Recording::Line(line)
        }),
        pair(
            "a serial capture: a unit that does not answer",
            "unanswered",
            "device",
            "unit 9",
            |is_faulty| {
                let mut capture = Capture::with_link(147);
                for round in 0..20 {
                    let unit = if round >= 10 { 9 } else { 1 };
                    capture.record(&closed(unit, &READ));
                    capture.wait(15_000);
                    if !is_faulty || unit == 1 {
                        capture.record(&closed(unit, &registers(&[1, 2])));
                    }
                    capture.wait(1_000_000);
                }
                capture.record(&closed(1, &READ));
                capture.wait(15_000);
                capture.record(&closed(1, &registers(&[1, 2])));
                Recording::Capture(capture)
            },
        ),
    ]
}

#[allow(clippy::too_many_lines)] // A row a recording.
fn nominals() -> Vec<Nominal> {
    vec![
        nominal("an exchange", || tcp(|_, _| {})),
        nominal("two masters", || {
            let mut capture = Capture::default();
            let mut connections = [capture.open(0), capture.open(1)];
            connections[1].client.0 = [10, 0, 0, 101];
            for round in 0..40 {
                capture.polls(&mut connections[round % 2], 1, 1);
            }
            Recording::Capture(capture)
        }),
        nominal("requests in a pipeline", || {
            tcp(|capture, connection| {
                for _ in 0..10 {
                    let asked: Vec<u16> =
                        (0..8).map(|at| capture.ask(connection, 1, &read(at * 10, 2))).collect();
                    for transaction in asked {
                        capture.answer(connection, (transaction, 1), &registers(&[1, 2]), 2_000);
                    }
                    capture.wait(100_000);
                }
            })
        }),
        nominal("answers of a pipeline in another order", || {
            tcp(|capture, connection| {
                for _ in 0..10 {
                    let asked: Vec<u16> =
                        (0..4).map(|at| capture.ask(connection, 1, &read(at * 10, 2))).collect();
                    for transaction in asked.into_iter().rev() {
                        capture.answer(connection, (transaction, 1), &registers(&[1, 2]), 2_000);
                    }
                    capture.wait(100_000);
                }
            })
        }),
        nominal("a broadcast over TCP", || {
            tcp(|capture, connection| {
                capture.ask(connection, 0, &write(1, 2));
                capture.wait(100_000);
            })
        }),
        nominal("a capture that ends after a request", || {
            let mut capture = Capture::default();
            let mut connection = capture.open(0);
            capture.polls(&mut connection, 1, 10);
            capture.ask(&mut connection, 1, &READ);
            Recording::Capture(capture)
        }),
        nominal("a capture that begins before an answer", || {
            let mut capture = Capture::default();
            let mut connection = Connection::new(0, false);
            let transaction = connection.next();
            connection.skip(Client, 12);
            capture.answer(&mut connection, (transaction, 1), &registers(&[1, 2]), 5_000);
            capture.wait(100_000);
            capture.polls(&mut connection, 1, 10);
            Recording::Capture(capture)
        }),
        nominal("packets that are kept in part", || {
            let mut capture = Capture { snap_len: 60, ..Capture::default() };
            let mut connection = capture.open(0);
            for _ in 0..10 {
                capture.exchange(&mut connection, 1, (&READ, &registers(&[7; 40])), 5_000);
            }
            Recording::Capture(capture)
        }),
        nominal("answers that were not recorded and were acknowledged", || {
            tcp(|capture, connection| {
                for _ in 0..4 {
                    let transaction = capture.ask(connection, 1, &READ);
                    connection.skip(Server, adu(transaction, 1, &registers(&[1, 2])).len());
                    capture.wait(5_000);
                    capture.segment(connection, Client, ACK, &[]);
                    capture.wait(100_000);
                }
            })
        }),
        nominal("an answer that was recorded before its request", || {
            tcp(|capture, connection| {
                for _ in 0..4 {
                    let transaction = connection.next();
                    capture.data(connection, Server, &adu(transaction, 1, &registers(&[1, 2])));
                    capture.wait(20);
                    capture.data(connection, Client, &adu(transaction, 1, &READ));
                    capture.wait(100_000);
                }
            })
        }),
        nominal("a segment that is sent again", || {
            tcp(|capture, connection| {
                let transaction = connection.next();
                let request = adu(transaction, 1, &READ);
                capture.data(connection, Client, &request);
                capture.wait(300_000);
                connection.back(Client, request.len());
                capture.data(connection, Client, &request);
                capture.ack(connection, Server);
                capture.answer(connection, (transaction, 1), &registers(&[1, 2]), 5_000);
            })
        }),
        nominal("a client with one identifier for all", || {
            tcp(|capture, connection| {
                for _ in 0..20 {
                    capture.data(connection, Client, &adu(0, 1, &READ));
                    capture.ack(connection, Server);
                    capture.answer(connection, (0, 1), &registers(&[1, 2]), 5_000);
                    capture.wait(100_000);
                }
            })
        }),
        nominal("latency with two humps", || {
            let mut capture = Capture::default();
            let mut connection = capture.open(0);
            for round in 0..200_u64 {
                let after_us = if round * round % 7 > 3 { 48_000 } else { 6_000 };
                capture.exchange(&mut connection, 1, (&READ, &registers(&[1, 2])), after_us);
            }
            Recording::Capture(capture)
        }),
        nominal("a larger block that is polled later", || {
            tcp(|capture, connection| {
                for _ in 0..40 {
                    let values = [1; 120];
                    capture.exchange(connection, 1, (&read(0, 120), &registers(&values)), 40_000);
                }
            })
        }),
        nominal("a connection that is reset after its work", || {
            let mut capture = Capture::default();
            let mut connection = capture.open(0);
            capture.polls(&mut connection, 1, 10);
            capture.segment(&mut connection, Client, RST | ACK, &[]);
            Recording::Capture(capture)
        }),
        nominal("a connection for each request", || {
            let mut capture = Capture::default();
            for index in 0..20 {
                let mut connection = capture.open(index);
                capture.polls(&mut connection, 1, 1);
                capture.close(&mut connection);
                capture.wait(1_000_000);
            }
            Recording::Capture(capture)
        }),
        nominal("keep-alives with a byte", || {
            tcp(|capture, connection| {
                for _ in 0..5 {
                    connection.back(Client, 1);
                    capture.segment(connection, Client, ACK, &[0]);
                    capture.ack(connection, Server);
                    capture.wait(10_000_000);
                }
            })
        }),
        nominal("a device that connects to its master", || {
            let mut capture = Capture::default();
            let mut connection = Connection::new(0, false);
            connection.server.1 = 5_020;
            for round in 0..20 {
                // The one who was connected to asks.
                let transaction = connection.next();
                capture.data(&mut connection, Server, &adu(transaction, 1, &READ));
                capture.wait(5_000);
                capture.data(
                    &mut connection,
                    Client,
                    &adu(transaction, 1, &registers(&[round, 2])),
                );
                capture.wait(100_000);
            }
            Recording::Capture(capture)
        })
        .with(&["--port", "5020"]),
        nominal("UDP", || udp(|_, _| {})),
        nominal("RTU in TCP", || rtu(|_, _| {})).with(RTU),
        nominal("RTU in TCP, answers in pieces", || {
            rtu(|capture, connection| {
                for _ in 0..10 {
                    rtu_ask(capture, connection, 1, &READ);
                    capture.wait(8_000);
                    let answer = closed(1, &registers(&[1, 2]));
                    for piece in answer.chunks(4) {
                        capture.data(connection, Server, piece);
                        capture.wait(3_000);
                    }
                    capture.wait(100_000);
                }
            })
        })
        .with(RTU),
        nominal("RTU in TCP, writes that are repeated as answers", || {
            rtu(|capture, connection| {
                for value in 0..10 {
                    rtu_exchange(capture, connection, 1, (&write(1, value), &write(1, value)));
                }
            })
        })
        .with(RTU),
        nominal("RTU in TCP, a vendor's function", || {
            rtu(|capture, connection| {
                for _ in 0..10 {
                    rtu_exchange(capture, connection, 1, (&[65, 1, 2], &[65, 3, 4, 5, 6]));
                }
            })
        })
        .with(RTU),
        nominal("a line", || line(|_| {})),
        nominal("a line with a broadcast", || {
            line(|line| {
                for _ in 0..5 {
                    line.frame(0, &write(1, 2));
                    line.wait(150_000);
                }
            })
        }),
        nominal("a line with two wires", || {
            let mut line = Line::default();
            for round in 0..20 {
                line.wire = "requests";
                line.frame(1, &write(1, round));
                line.wait(8_000);
                line.wire = "answers";
                line.frame(1, &write(1, round));
                line.wait(60_000);
            }
            Recording::Line(line)
        }),
        nominal("a line with many units", || {
            line(|line| {
                for round in 0..60 {
                    line.polls(1 + round % 8, 1);
                }
            })
        }),
        nominal("a line that turns round fast", || {
            line(|line| {
                for _ in 0..10 {
                    line.exchange(1, (&READ, &registers(&[1, 2])), 1_200);
                }
            })
        }),
        nominal("a line with writes", || {
            line(|line| {
                for value in 0..20 {
                    line.exchange(3, (&write(1, value), &write(1, value)), 8_000);
                }
            })
        }),
        nominal("a line that ends after a request", || {
            let mut line = Line::default();
            line.polls(1, 10);
            line.frame(1, &READ);
            Recording::Line(line)
        }),
        nominal("a line with a vendor's function", || {
            line(|line| {
                for _ in 0..10 {
                    line.exchange(1, (&[65, 1, 2], &[65, 3, 4, 5, 6]), 8_000);
                }
            })
        }),
        nominal("a line of ASCII", || {
            let mut line = Line::default();
            for _ in 0..20 {
                line.ascii(1, &READ);
                line.wait(15_000);
                line.ascii(1, &registers(&[1, 2]));
                line.wait(100_000);
            }
            Recording::Line(line)
        }),
        nominal("a serial capture", || {
            let mut capture = Capture::with_link(150);
            for _ in 0..20 {
                capture.record(&closed(1, &READ));
                capture.wait(15_000);
                capture.record(&closed(1, &registers(&[1, 2])));
                capture.wait(100_000);
            }
            Recording::Capture(capture)
        }),
    ]
}

impl Recording {
    fn file(&self, folder: &Temporary, name: &str) -> String {
        match self {
            Self::Capture(capture) => folder.file(&format!("{name}.pcap"), &capture.bytes),
            Self::Line(line) => folder.file(&format!("{name}.csv"), line.rows.as_bytes()),
        }
    }
}

fn findings(arguments: &[&str], file: &str) -> Vec<Value> {
    let ran = run([&["--format", "jsonl"][..], arguments, &[file]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.events().into_iter().filter(|event| text(event, "lane") == "finding").collect()
}

/// What is wrong with a verdict, if anything is.
fn wrong(pair: &Pair, folder: &Temporary) -> Option<String> {
    let Pair { name, arguments, truth, make } = pair;
    let file = make(true).file(folder, "faulty");
    let found = findings(arguments, &file);
    let Some(first) = found.first() else { return Some(format!("{name}: no finding")) };
    let told = [text(first, "event"), text(first, "blame")];
    let is_right = told == [truth.kind, truth.blame] && text(first, "text").contains(truth.place);
    if !is_right {
        return Some(format!("{name}: {told:?}, {}", text(first, "text")));
    }
    if found.len() > 1 {
        let more: Vec<_> = found.iter().skip(1).map(|finding| text(finding, "text")).collect();
        return Some(format!("{name}: more than one finding: {more:?}"));
    }
    let shown = run([*arguments, &[file.as_str()]].concat()).stdout;
    let head: Vec<&str> = shown.lines().take(10).collect();
    if head.iter().any(|line| line.starts_with("  1.") && line.chars().count() > 100) {
        return Some(format!("{name}: a line is too long: {head:?}"));
    }
    let head = head.join(" ");
    for part in [truth.kind, truth.blame, "check first: "] {
        if !head.contains(part) {
            return Some(format!("{name}: no `{part}` in the first ten lines: {head}"));
        }
    }
    let twin = findings(arguments, &make(false).file(folder, "twin"));
    twin.first().map(|finding| format!("{name}: the twin gives {finding}"))
}

#[test]
fn the_first_finding_is_the_root_cause_and_a_twin_without_the_fault_gives_none() {
    let folder = Temporary::new();
    let wrong: Vec<String> = pairs().iter().filter_map(|pair| wrong(pair, &folder)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pairs().len(), wrong.join("\n"));
}

#[test]
fn a_nominal_recording_gives_no_finding() {
    let folder = Temporary::new();
    let mut wrong = Vec::new();
    for Nominal { name, arguments, make } in nominals() {
        let found = findings(arguments, &make().file(&folder, "nominal"));
        wrong.extend(found.first().map(|finding| format!("{name}: {finding}")));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), nominals().len(), wrong.join("\n"));
}

/// What is said of packets that were not read.
fn unread(recording: &Recording) -> Vec<(String, u64, String)> {
    let folder = Temporary::new();
    let ran = run(["--format", "jsonl", &recording.file(&folder, "unread")]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let events = ran.events();
    let unread = events.iter().filter(|event| text(event, "lane") == "unread");
    let told = unread.map(|event| {
        let packets = event["packets"].as_u64().unwrap();
        (text(event, "what").to_owned(), packets, text(event, "try").to_owned())
    });
    told.collect()
}

#[test]
fn what_is_not_read_is_counted_and_named_before_the_findings() {
    let mut capture = Capture::default();
    let mut modbus = Connection::new(0, false);
    modbus.server.1 = 1502;
    capture.polls(&mut modbus, 1, 20);
    let mut web = Connection::new(1, false);
    web.server.1 = 80;
    for _ in 0..3 {
        capture.data(&mut web, Client, b"GET / HTTP/1.1\r\n\r\n");
    }
    capture.other(0x88B8, &[1; 40]);
    capture.other(0x1234, &[1; 40]);
    capture.other(0x0806, &[0; 28]);
    // A tunnel: GRE in IP.
    let mut gre = vec![0x45, 0, 0, 24, 0, 0, 0, 0, 64, 47, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    gre.extend([0; 4]);
    capture.other(0x0800, &gre);
    let recording = Recording::Capture(capture);
    let told = unread(&recording);
    let like = ("TCP port 1502, which looks like Modbus".to_owned(), 40, "--port 1502".to_owned());
    assert_eq!(told[0], like);
    let names: Vec<&str> = told.iter().map(|(what, ..)| what.as_str()).collect();
    for name in ["TCP port 80", "GOOSE (ethertype 88b8)", "ethertype 1234", "ARP", "GRE (a tunnel)"]
    {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let folder = Temporary::new();
    let shown = run([recording.file(&folder, "unread")]).stdout;
    let first = "Not read: 40 packets on TCP port 1502, which looks like Modbus: try --port 1502.";
    assert_eq!(shown.lines().next(), Some(first), "{shown}");
    assert!(shown.contains("No findings in what was read."), "{shown}");
    let read = run(["--port", "1502", &recording.file(&folder, "unread")]).stdout;
    assert!(!read.contains("1502, which looks"), "{read}");
}

#[test]
fn a_link_type_that_nobody_knows_does_not_pass_for_healthy() {
    let mut capture = Capture::with_link(195);
    (0..5).for_each(|_| capture.record(&[1; 20]));
    assert_eq!(
        unread(&Recording::Capture(capture)),
        [("link type 195".to_owned(), 5, String::new())]
    );
    // One of the user's, whose packets are no frames.
    let mut capture = Capture::with_link(147);
    (0..12).for_each(|_| capture.record(&[1; 20]));
    let what = "a link type of the user's, whose first packets are no RTU frames";
    assert_eq!(unread(&Recording::Capture(capture)), [(what.to_owned(), 12, String::new())]);
}

#[test]
fn of_many_devices_the_faulty_one_is_named_first() {
    let mut capture = Capture::default();
    let mut connection = capture.open(0);
    for device in 0..3_000_u32 {
        let [_, high, middle, low] = device.to_be_bytes();
        connection.server.0 = [10, 1 + high, middle, low];
        let transaction = capture.ask(&mut connection, 1, &READ);
        if device != 2_345 {
            capture.answer(&mut connection, (transaction, 1), &registers(&[1, 2]), 500);
        }
    }
    capture.wait(5_000_000);
    capture.polls(&mut connection, 1, 1);
    let [_, high, middle, low] = 2_345_u32.to_be_bytes();
    let folder = Temporary::new();
    let file = Recording::Capture(capture).file(&folder, "many");
    let found = findings(&[], &file);
    let place =
        format!("unit 1 at 10.{}.{middle}.{low}:502: 1 of 1 request had no answer", 1 + high);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(text(&found[0], "text").starts_with(&place), "{}", found[0]);
    assert!(run(["--summary", &file]).stdout.contains("3001 requests, 3000 responses"));
}

/// The findings of several files.
fn together(files: &[String]) -> (Vec<Value>, String) {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let ran = run([&["--format", "jsonl"][..], &files].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let found = ran.events().into_iter().filter(|event| text(event, "lane") == "finding");
    (found.collect(), run([&["--summary"][..], &files].concat()).stdout)
}

#[test]
fn the_same_evidence_twice_counts_once() {
    let folder = Temporary::new();
    for pair in pairs() {
        let Recording::Capture(capture) = (pair.make)(true) else { continue };
        if !pair.arguments.is_empty() || pair.name.starts_with("a serial capture") {
            continue;
        }
        let files =
            ["one", "other"].map(|name| folder.file(&format!("{name}.pcap"), &capture.bytes));
        let alone = together(&files[..1]);
        let both = together(&files);
        let told = |found: &[Value]| -> Vec<(String, u64)> {
            found
                .iter()
                .map(|finding| {
                    (text(finding, "text").to_owned(), finding["count"].as_u64().unwrap())
                })
                .collect()
        };
        assert_eq!(told(&both.0), told(&alone.0), "{}", pair.name);
        let counts = |shown: &str| {
            shown.lines().find(|line| line.contains(" requests, ")).map(str::to_owned)
        };
        assert_eq!(counts(&both.1), counts(&alone.1), "{}", pair.name);
        assert!(both.1.contains("are in more than one capture, and count once"), "{}", pair.name);
    }
}

#[test]
fn ring_files_of_one_capture_are_one_recording() {
    let folder = Temporary::new();
    // A device falls silent in the first file; the others hold what follows. Every file but the first begins between a request and its answer.
    let ring = |is_faulty: bool| -> Vec<String> {
        let mut connection = Connection::new(0, false);
        let (mut files, mut t_us) = (Vec::new(), made::BEGUN_US);
        let mut pending = None;
        for index in 0..4 {
            let mut capture = Capture { t_us, ..Capture::default() };
            if let Some(transaction) = pending.take() {
                capture.answer(&mut connection, (transaction, 1), &registers(&[1, 2]), 5_000);
            }
            capture.polls(&mut connection, 1, 10);
            for _ in 0..3 {
                let transaction = capture.ask(&mut connection, 9, &read(index, 2));
                if !is_faulty {
                    capture.answer(&mut connection, (transaction, 9), &registers(&[1, 2]), 5_000);
                }
                capture.wait(2_000_000);
            }
            pending = Some(capture.ask(&mut connection, 1, &READ));
            t_us = capture.t_us;
            files.push(folder.file(&format!("{is_faulty}{index}.pcap"), &capture.bytes));
        }
        files
    };
    let (found, _) = together(&ring(true));
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert!(
        text(finding, "text")
            .starts_with("unit 9 at 10.0.0.1:502: 12 of 12 requests had no answer"),
        "{finding}"
    );
    assert_eq!(text(finding, "blame"), "device");
    let (found, _) = together(&ring(false));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_table_is_as_large_as_it_says() {
    let (faulty, nominal) = (pairs().len(), nominals().len());
    println!("{faulty} recordings with a fault, {faulty} twins, {nominal} others without a fault");
    assert!(2 * faulty + nominal >= 80 && nominal >= 30, "{faulty} {nominal}");
}
