//! Modbus in UDP.

use super::*;

pub(crate) fn of_udp() -> Vec<Pair> {
    vec![
        pair(
            "UDP: a device that does not answer",
            "unanswered",
            "unknown",
            "unit 9 at 10.0.0.1:502",
            |is_faulty| {
                in_udp(|capture, connection| {
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
            in_udp(|capture, connection| {
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
                in_udp(|capture, connection| {
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
                in_udp(|capture, connection| {
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
