//! Connections that do not live, and clients and gateways with many devices.

use super::*;

pub(crate) fn of_connections() -> Vec<Pair> {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
        pair(
            "two clients that write one register",
            "write_conflict",
            "client",
            "unit 1 at 10.0.0.1:502: 10.0.0.100 and 10.0.0.101 write address 8",
            |is_faulty| {
                let (mut capture, mut connections) = two_clients();
                for round in 0..12_u16 {
                    let client = usize::from(round % 2);
                    // Without the fault each has a register of its own.
                    let address = if is_faulty { 8 } else { 8 + round % 2 };
                    let pdu = write(address, round % 2 * 50);
                    capture.exchange(&mut connections[client], 1, (&pdu, &pdu), 5_000);
                }
                Recording::Capture(capture)
            },
        ),
        pair(
            "a client that does not wait as long as the device takes",
            "late_answer",
            "client",
            "in the time that it usually takes",
            |is_faulty| {
                let mut capture = Capture::default();
                let mut connection = capture.open(0);
                for round in 0..30 {
                    let first = capture.ask(&mut connection, 1, &READ);
                    if is_faulty && round >= 20 {
                        capture.wait(100_000);
                        let second = capture.ask(&mut connection, 1, &READ);
                        capture.answer(&mut connection, (first, 1), &registers(&[1, 2]), 200_000);
                        capture.answer(&mut connection, (second, 1), &registers(&[1, 2]), 100_000);
                    } else {
                        capture.answer(&mut connection, (first, 1), &registers(&[1, 2]), 310_000);
                    }
                    capture.wait(500_000);
                }
                Recording::Capture(capture)
            },
        ),
        pair(
            "a link with forty devices behind it",
            "unanswered",
            "network",
            "40 servers are not reached any more: 10.0.1.0, 10.0.1.1, 10.0.1.2",
            |is_faulty| {
                let mut capture = Capture::default();
                let mut connections: Vec<Connection> = Vec::new();
                for device in 0..50 {
                    let mut connection = Connection::new(device, false);
                    connection.server.0 = [10, 0, 1 + device / 40, device % 40];
                    capture.polls(&mut connection, 1, 1);
                    connections.push(connection);
                }
                for round in 0..6 {
                    for (device, connection) in connections.iter_mut().enumerate() {
                        if is_faulty && round > 2 && device < 40 {
                            let transaction = connection.next();
                            capture.data(connection, Client, &adu(transaction, 1, &READ));
                            capture.wait(20_000);
                        } else {
                            capture.polls(connection, 1, 1);
                        }
                    }
                }
                // The client gives up, and asks for new connections.
                for (device, connection) in (0..40).zip(&mut connections).filter(|_| is_faulty) {
                    capture.segment(connection, Client, RST | ACK, &[]);
                    let server = connection.server;
                    *connection = Connection::new(100 + device, false);
                    connection.server = server;
                    capture.segment(connection, Client, SYN, &[]);
                    capture.wait(20_000);
                }
                capture.wait(3_000_000);
                capture.polls(&mut connections[45], 1, 5);
                Recording::Capture(capture)
            },
        ),
    ]
}
