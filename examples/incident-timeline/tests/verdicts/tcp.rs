//! Modbus in a TCP connection that lives.

use super::*;

pub(crate) fn of_tcp() -> Vec<Pair> {
    vec![
        pair(
            "a device that does not answer",
            "unanswered",
            "device",
            "unit 9 at 10.0.0.1:502",
            |is_faulty| {
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
                    for _ in 0..3 {
                        let answer = if is_faulty { vec![0x83, 1] } else { registers(&[1, 2]) };
                        capture.exchange(connection, 1, (&READ, &answer), 5_000);
                    }
                })
            },
        ),
        pair("a device that fails", "exceptions", "device", "exceptions 04", |is_faulty| {
            in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
            in_tcp(|capture, connection| {
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
                in_tcp(|capture, _| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
                in_tcp(|capture, connection| {
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
