//! Serial lines, and serial captures.

use super::*;

pub(crate) fn of_lines() -> Vec<Pair> {
    vec![
        pair(
            "a line: a unit that does not answer",
            "unanswered",
            "device",
            "unit 9",
            |is_faulty| {
                on_line(|line| {
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
            on_line(|line| {
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
            on_line(|line| {
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
                on_line(|line| {
                    for _ in 0..5 {
                        let answer = if is_faulty { vec![6, 0, 5] } else { write(1, 5) };
                        line.exchange(1, (&write(1, 5), &answer), 8_000);
                    }
                })
            },
        ),
        pair("a line: an answer with a byte more", "off_spec", "device", "unit 1", |is_faulty| {
            on_line(|line| {
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
                on_line(|line| {
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
                on_line(|line| {
                    for _ in 0..5 {
                        let answer = if is_faulty { registers(&[1]) } else { registers(&[1, 2]) };
                        line.exchange(1, (&READ, &answer), 8_000);
                    }
                })
            },
        ),
        pair("a line: another value is written", "mismatched", "device", "unit 1", |is_faulty| {
            on_line(|line| {
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
                on_line(|line| {
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
                on_line(|line| {
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
                on_line(|line| {
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
        pair(
            "a line: a request inside the silence of another",
            "unanswered",
            "client",
            "unit 2: 5 of 5 requests had no answer: the next one came sooner",
            |is_faulty| {
                on_line(|line| {
                    for _ in 0..5 {
                        line.frame(2, &READ);
                        if is_faulty {
                            line.wait(4_000);
                        } else {
                            line.wait(8_000);
                            line.frame(2, &registers(&[1, 2]));
                            line.wait(60_000);
                        }
                        line.exchange(3, (&READ, &registers(&[1, 2])), 8_000);
                    }
                })
            },
        ),
    ]
}
