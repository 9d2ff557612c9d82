//! RTU frames in a TCP connection.

use super::*;

pub(crate) fn of_rtu_over_tcp() -> Vec<Pair> {
    vec![
        pair(
            "RTU in TCP: a unit that does not answer",
            "unanswered",
            "device",
            "unit 9 at 10.0.0.1:4001",
            |is_faulty| {
                in_rtu(|capture, connection| {
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
                in_rtu(|capture, connection| {
                    for _ in 0..5 {
                        let answer = if is_faulty { vec![6, 0, 5] } else { write(1, 5) };
                        rtu_exchange(capture, connection, 1, (&write(1, 5), &answer));
                    }
                })
            },
        )
        .with(RTU),
        pair("RTU in TCP: exceptions", "exceptions", "client", "exceptions 02", |is_faulty| {
            in_rtu(|capture, connection| {
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
                in_rtu(|capture, connection| {
                    for _ in 0..5 {
                        let answer = if is_faulty { registers(&[1]) } else { registers(&[1, 2]) };
                        rtu_exchange(capture, connection, 1, (&READ, &answer));
                    }
                })
            },
        )
        .with(RTU),
        pair("RTU in TCP: damaged answers", "crc_errors", "line", "unit 1", |is_faulty| {
            in_rtu(|capture, connection| {
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
