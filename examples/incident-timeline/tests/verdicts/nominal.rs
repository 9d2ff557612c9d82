//! Recordings without a fault.

use super::*;

#[allow(clippy::too_many_lines)] // A row a recording.
pub(crate) fn nominals() -> Vec<Nominal> {
    vec![
        nominal("an exchange", || in_tcp(|_, _| {})),
        nominal("two masters", || {
            let (mut capture, mut connections) = two_clients();
            for round in 0..40 {
                capture.polls(&mut connections[round % 2], 1, 1);
            }
            Recording::Capture(capture)
        }),
        nominal("two clients in step, with the same numbers", || in_step([7, 7])),
        nominal("two clients in step, with the same numbers and other answers", || in_step([7, 8])),
        nominal("a client that takes over from another", || {
            let (mut capture, mut connections) = two_clients();
            for value in 0..40 {
                let connection = &mut connections[usize::from(value >= 20)];
                let pdu = write(8, value);
                capture.exchange(connection, 1, (&pdu, &pdu), 5_000);
            }
            Recording::Capture(capture)
        }),
        nominal("two clients that write the same", || {
            let (mut capture, mut connections) = two_clients();
            for round in 0..40 {
                let pdu = write(8, 1);
                capture.exchange(&mut connections[round % 2], 1, (&pdu, &pdu), 5_000);
            }
            Recording::Capture(capture)
        }),
        nominal("requests in a pipeline", || {
            in_tcp(|capture, connection| {
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
            in_tcp(|capture, connection| {
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
            in_tcp(|capture, connection| {
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
            in_tcp(|capture, connection| {
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
            in_tcp(|capture, connection| {
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
            in_tcp(|capture, connection| {
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
            in_tcp(|capture, connection| {
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
            in_tcp(|capture, connection| {
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
            in_tcp(|capture, connection| {
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
        nominal("UDP", || in_udp(|_, _| {})),
        nominal("RTU in TCP", || in_rtu(|_, _| {})).with(RTU),
        nominal("RTU in TCP, answers in pieces", || {
            in_rtu(|capture, connection| {
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
            in_rtu(|capture, connection| {
                for value in 0..10 {
                    rtu_exchange(capture, connection, 1, (&write(1, value), &write(1, value)));
                }
            })
        })
        .with(RTU),
        nominal("RTU in TCP, a vendor's function", || {
            in_rtu(|capture, connection| {
                for _ in 0..10 {
                    rtu_exchange(capture, connection, 1, (&[65, 1, 2], &[65, 3, 4, 5, 6]));
                }
            })
        })
        .with(RTU),
        nominal("a line", || on_line(|_| {})),
        nominal("a line with a broadcast", || {
            on_line(|line| {
                for _ in 0..5 {
                    line.frame(0, &write(1, 2));
                    line.wait(150_000);
                }
            })
        }),
        nominal("a line on which unit 0 answers", || {
            let mut line = Line::default();
            line.polls(0, 20);
            Recording::Line(line)
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
            on_line(|line| {
                for round in 0..60 {
                    line.polls(1 + round % 8, 1);
                }
            })
        }),
        nominal("a line that turns round fast", || {
            on_line(|line| {
                for _ in 0..10 {
                    line.exchange(1, (&READ, &registers(&[1, 2])), 1_200);
                }
            })
        }),
        nominal("a line with writes", || {
            on_line(|line| {
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
            on_line(|line| {
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

/// Two clients whose connections have the same sequence numbers, and what each reads.
fn in_step(values: [u16; 2]) -> Recording {
    let mut capture = Capture::default();
    let first = Connection::new(0, false);
    let mut connections = [first, first];
    connections[1].client.0 = [10, 0, 0, 101];
    for round in 0..20 {
        for connection in &mut connections {
            let transaction = connection.next();
            capture.data(connection, Client, &adu(transaction, 1, &READ));
            capture.wait(300);
        }
        // The same answers come in the order of the requests; others the other way round, as on both sides of a translation.
        let order = if values[0] == values[1] { [0, 1] } else { [1, 0] };
        for index in order {
            let answer = registers(&[round, values[index]]);
            capture.data(&mut connections[index], Server, &adu(round + 1, 1, &answer));
            capture.wait(300);
        }
        capture.wait(100_000);
    }
    Recording::Capture(capture)
}
