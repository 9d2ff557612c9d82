//! Question/answer watchdogs: the table of the data sheet, every `qa_*.csv` in the folder `SAFETY_TABLES`; and a chip behind SPI that
//! counts good and bad rounds.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use watchdog_core::question::Question;

/// The rows of a table, and how many answers are not those of the crate.
fn compare(path: &Path) -> (usize, usize) {
    let text = std::fs::read_to_string(path).expect("the table can be read");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("question,resp3,resp2,resp1,resp0"));
    let (mut rows, mut differences) = (0, 0);
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let question =
            Question::new(u8::from_str_radix(fields[0], 16).expect("a number")).expect("0 to 15");
        let answers: Vec<u8> = fields[1..]
            .iter()
            .map(|field| u8::from_str_radix(field, 16).expect("a byte"))
            .collect();
        rows += 1;
        differences += answers.iter().zip(question.answers()).filter(|(a, b)| **a != *b).count();
        assert_eq!(answers.len(), 4);
    }
    (rows, differences)
}

#[test]
fn the_answers_are_those_of_the_table() {
    let Some(folder) = std::env::var_os("SAFETY_TABLES").map(PathBuf::from) else {
        println!("skipped: SAFETY_TABLES names no folder");
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("qa_") && name.ends_with(".csv")
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no qa_*.csv in {}", folder.display());
    for path in files {
        let (rows, differences) = compare(&path);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("{name}: {rows} rows, {differences} differences");
        assert_eq!((rows, differences), (16, 0));
    }
}

/// Single rows of the same table, which stand without it.
#[test]
fn the_answers_are_computed() {
    for (question, answers) in [
        (0, [0xFF, 0x0F, 0xF0, 0x00]),
        (1, [0xB0, 0x40, 0xBF, 0x4F]),
        (2, [0xE9, 0x19, 0xE6, 0x16]),
        (3, [0xA6, 0x56, 0xA9, 0x59]),
    ] {
        assert_eq!(Question::new(question).unwrap().answers(), answers);
        assert_eq!(Question::new(question).unwrap().as_raw(), question);
    }
}

#[cfg(feature = "spi")]
mod chip {
    use std::cell::RefCell;
    use std::convert::Infallible;
    use std::rc::Rc;

    use embedded_hal::spi::{ErrorType, Operation, SpiDevice};
    use watchdog_core::plan::{
        alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us,
        tolerance,
    };
    use watchdog_core::question::{FS26_RESET_TOKEN, FailCounter, Question, Reaction};
    use watchdog_core::spi::{Error, Frames, Fs26, QuestionAnswer};
    use watchdog_core::{
        BootGuard, Both, BothError, Cells, Checkpoint, Dog, FeedError, Outcome, Plan, PollError,
        Round, Supervisor, Watchdog,
    };

    const TURN: Checkpoint = Checkpoint::of::<0>();
    const ASK: u8 = 0x36;
    const ANSWER: u8 = 0xE1;
    const FRAMES: Frames<u8, u8, 2> = Frames {
        ask: [ASK, 0],
        question: |[check, data]| (check == !data).then_some(data & 0x0F),
        answer: |answer| [ANSWER, answer],
    };

    static PLAN: Plan<1> = Plan::builder(
        cycle_us(10_000).late_max_us(500),
        hardware(timeout_us(18_000..=18_000)),
        process_safety_time_us(500_000),
        reset_to_safe_us(30_000),
    )
    .entity("loop", alive(TURN, per_cycle(1), 0, 1), tolerance(0))
    .build();

    static TWO: Plan<1> = Plan::builder(
        cycle_us(10_000).late_max_us(500),
        hardware(timeout_us(18_000..=18_000)),
        process_safety_time_us(500_000),
        reset_to_safe_us(30_000),
    )
    .entity("loop", alive(TURN, per_cycle(1), 0, 1), tolerance(0))
    .second_hardware(hardware(timeout_us(18_000..=18_000)))
    .build();

    /// The chip: it knows when its windows are, by a clock that the test sets.
    #[derive(Default)]
    struct Inside {
        now_us: u64,
        round_us: u64,
        question: u8,
        answers: Vec<u8>,
        counter: u8,
        reaction: Option<Reaction>,
        is_broken: bool,
        bus_fails: bool,
    }

    const WINDOW_1_US: u64 = 12_000;
    const WINDOW_2_US: u64 = 6_000;

    impl Inside {
        fn answered(&mut self, answer: u8) {
            let age_us = self.now_us - self.round_us;
            let place = self.answers.len();
            self.answers.push(answer);
            let expected = Question::new(self.question).unwrap().answers()[place];
            let in_window_1 = age_us < WINDOW_1_US;
            let is_right = answer == expected && in_window_1 == (place < 3);
            if !is_right || place == 3 {
                self.end_round(is_right && age_us <= WINDOW_1_US + WINDOW_2_US);
            }
        }

        fn end_round(&mut self, is_good: bool) {
            let counter = FailCounter::new(self.counter).unwrap();
            let (next, reaction) = counter.after(is_good);
            (self.counter, self.reaction) = (next.as_raw(), Some(reaction));
            self.round_us = self.now_us;
            self.question = (self.question * 5 + 3) % 16;
            self.answers.clear();
        }
    }

    #[derive(Clone, Default)]
    struct Bus(Rc<RefCell<Inside>>);

    #[derive(Debug, PartialEq)]
    struct Failed;

    impl embedded_hal::spi::Error for Failed {
        fn kind(&self) -> embedded_hal::spi::ErrorKind {
            embedded_hal::spi::ErrorKind::Other
        }
    }

    impl ErrorType for Bus {
        type Error = Failed;
    }

    impl SpiDevice for Bus {
        fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Failed> {
            let mut inside = self.0.borrow_mut();
            if inside.bus_fails {
                return Err(Failed);
            }
            match operations {
                [Operation::TransferInPlace(frame)] if frame[0] == ASK => {
                    let question = inside.question;
                    frame.copy_from_slice(&[!question, question]);
                    if inside.is_broken {
                        frame[0] ^= 1;
                    }
                }
                [Operation::Write([ANSWER, answer])] => inside.answered(*answer),
                other => panic!("{other:?}"),
            }
            Ok(())
        }
    }

    type Armed = Supervisor<watchdog_core::Armed, 1>;

    fn armed(bus: &Bus) -> (Armed, watchdog_core::Entity<1>, Dog<QuestionAnswer<Bus, 2>>) {
        let mut dog = Dog::new(QuestionAnswer::new(bus.clone(), FRAMES, 12_000, 6_000));
        let cells = Box::leak(Box::new(Cells::new(&PLAN)));
        let supervisor = Supervisor::new(cells, BootGuard::without_memory());
        let (supervisor, [entity]) = supervisor.arm(&mut dog, 0).expect("armed");
        (supervisor, entity, dog)
    }

    fn permit(supervisor: Armed, now_us: u64) -> (Armed, watchdog_core::Permit<'static>) {
        match supervisor.evaluate(now_us) {
            Outcome::Feed(supervisor, permit, _) => (supervisor, permit),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_round_spans_two_windows() {
        let bus = Bus::default();
        let (mut supervisor, entity, mut dog) = armed(&bus);
        bus.0.borrow_mut().counter = 4;
        let mut rounds = Vec::new();
        for now_us in (0..200_000).step_by(500) {
            bus.0.borrow_mut().now_us = now_us;
            if now_us >= supervisor.due_us() {
                entity.hit(TURN, now_us);
                let (next, permit) = permit(supervisor, now_us);
                supervisor = next;
                match dog.feed(permit, now_us) {
                    // The second window of the last round is not open yet: a round is longer than a cycle.
                    Ok(()) | Err(FeedError::RoundOpen) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            match supervisor.poll_round(&mut dog, now_us).unwrap() {
                Round::Open { due_us } => assert!(due_us > now_us),
                Round::Finished => rounds.push(now_us),
                Round::None => {}
            }
        }
        assert_eq!(rounds[..3], [12_000, 24_000, 36_000]);
        let inside = bus.0.borrow();
        assert_eq!((inside.counter, inside.reaction), (0, Some(Reaction::None)));
    }

    #[test]
    fn an_open_round_is_not_finished_after_a_stop() {
        let bus = Bus::default();
        let (supervisor, entity, mut dog) = armed(&bus);
        entity.hit(TURN, 5_000);
        bus.0.borrow_mut().now_us = 10_000;
        let (supervisor, permit) = permit(supervisor, 10_000);
        dog.feed(permit, 10_000).unwrap();
        assert_eq!(bus.0.borrow().answers.len(), 3);
        // The entity is dead. There is no armed supervisor any more that could end the round; one in a static says so.
        let Outcome::Stop(supervisor, _) = supervisor.evaluate(20_000) else { panic!("a stop") };
        bus.0.borrow_mut().now_us = 20_000;
        let supervisor = watchdog_core::AnySupervisor::from(supervisor);
        assert_eq!(supervisor.poll_round(&mut dog, 20_000), Err(None));
        let supervisor = watchdog_core::AnySupervisor::from(armed(&Bus::default()).0);
        let other = Err(Some(PollError::OtherSupervisor));
        assert_eq!(supervisor.poll_round(&mut dog, 20_000), other);
        assert_eq!(bus.0.borrow().answers.len(), 3);
    }

    #[test]
    fn the_last_answer_waits_for_its_window() {
        let bus = Bus::default();
        let (supervisor, entity, mut dog) = armed(&bus);
        assert_eq!(supervisor.poll_round(&mut dog, 13_000), Ok(Round::None));
        entity.hit(TURN, 5_000);
        let (supervisor, permit) = permit(supervisor, 10_000);
        dog.feed(permit, 10_000).unwrap();
        let open = Ok(Round::Open { due_us: 12_000 });
        assert_eq!(supervisor.poll_round(&mut dog, 11_999), open);
        bus.0.borrow_mut().now_us = 12_000;
        bus.0.borrow_mut().bus_fails = true;
        let failed = Err(PollError::Watchdog(Error::Bus(Failed)));
        assert_eq!(supervisor.poll_round(&mut dog, 12_000), failed);
        bus.0.borrow_mut().bus_fails = false;
        assert_eq!(supervisor.poll_round(&mut dog, 12_000), Ok(Round::Finished));
        assert_eq!(supervisor.poll_round(&mut dog, 12_000), Ok(Round::None));
        assert_eq!(bus.0.borrow().reaction, Some(Reaction::None));
        // The dog of another supervisor, and one that is not armed.
        let (_, _, mut other) = armed(&Bus::default());
        assert_eq!(supervisor.poll_round(&mut other, 0), Err(PollError::OtherSupervisor));
        let mut new = Dog::new(QuestionAnswer::new(Bus::default(), FRAMES, 1, 1));
        assert_eq!(supervisor.poll_round(&mut new, 0), Err(PollError::NotArmed));
    }

    #[test]
    fn a_question_that_came_broken_is_not_answered() {
        let bus = Bus::default();
        let (supervisor, entity, mut dog) = armed(&bus);
        entity.hit(TURN, 5_000);
        bus.0.borrow_mut().is_broken = true;
        let (supervisor, permit) = permit(supervisor, 10_000);
        assert_eq!(dog.feed(permit, 10_000), Err(FeedError::Watchdog(Error::Question)));
        assert_eq!((dog.fed(), bus.0.borrow().answers.len()), (0, 0));
        assert_eq!(supervisor.poll_round(&mut dog, 12_000), Ok(Round::None));
    }

    /// Two chips, and one supervisor that feeds both.
    #[test]
    fn two_chips_have_one_round() {
        let (first, second) = (Bus::default(), Bus::default());
        let other = QuestionAnswer::new(second.clone(), FRAMES, 11_000, 7_000);
        let both = Both::new(QuestionAnswer::new(first.clone(), FRAMES, 12_000, 6_000), other);
        let mut dog = Dog::new(both);
        let cells = Box::leak(Box::new(Cells::new(&TWO)));
        let supervisor = Supervisor::new(cells, BootGuard::without_memory());
        let (supervisor, [entity]) = supervisor.arm(&mut dog, 0).expect("armed");
        entity.hit(TURN, 5_000);
        let (supervisor, permit) = permit(supervisor, 10_000);
        dog.feed(permit, 10_000).unwrap();
        let answers = || [&first, &second].map(|bus| bus.0.borrow().answers.len());
        assert_eq!(answers(), [3, 3]);
        let open = Ok(Round::Open { due_us: 12_000 });
        assert_eq!(supervisor.poll_round(&mut dog, 11_999), open);
        let now_us = |us| [&first, &second].map(|bus| bus.0.borrow_mut().now_us = us);
        now_us(12_000);
        second.0.borrow_mut().bus_fails = true;
        let failed = BothError::Second(Error::Bus(Failed));
        assert_eq!(supervisor.poll_round(&mut dog, 12_000), Err(PollError::Watchdog(failed)));
        second.0.borrow_mut().bus_fails = false;
        assert_eq!(supervisor.poll_round(&mut dog, 12_000), Ok(Round::Finished));
        assert_eq!([&first, &second].map(|bus| bus.0.borrow().counter), [0, 0]);
        entity.hit(TURN, 15_000);
        let (_, permit) = self::permit(supervisor, 20_000);
        first.0.borrow_mut().bus_fails = true;
        let failed = BothError::First(Error::Bus(Failed));
        assert_eq!(dog.feed(permit, 20_000), Err(FeedError::Watchdog(failed)));
    }

    #[test]
    fn a_chip_has_the_timeout_of_its_windows() {
        let asked = hardware(timeout_us(18_000..=18_000));
        let mut dog = QuestionAnswer::new(Bus::default(), FRAMES, 12_000, 6_000);
        assert_eq!(dog.arm(asked), Ok(18_000));
        let frames = Frames { ask: [1, 0, 0], question: |_| None, answer: |_: u16| [0; 3] };
        assert_eq!(Fs26::new(Challenger::default(), frames, 18_000).arm(asked), Ok(18_000));
    }

    /// An FS26 that keeps its token, and what it was told.
    #[derive(Clone, Default)]
    struct Challenger(Rc<RefCell<Vec<u16>>>);

    impl ErrorType for Challenger {
        type Error = Infallible;
    }

    impl SpiDevice for Challenger {
        fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Infallible> {
            match operations {
                [Operation::TransferInPlace(frame)] => {
                    frame[1..].copy_from_slice(&FS26_RESET_TOKEN.to_be_bytes());
                }
                [Operation::Write([_, high, low])] => {
                    self.0.borrow_mut().push(u16::from_be_bytes([*high, *low]));
                }
                other => panic!("{other:?}"),
            }
            Ok(())
        }
    }

    #[test]
    fn an_fs26_is_told_the_complement() {
        let chip = Challenger::default();
        let frames = Frames {
            ask: [0x01, 0, 0],
            question: |[_, high, low]| Some(u16::from_be_bytes([high, low])),
            answer: |answer: u16| {
                let [high, low] = answer.to_be_bytes();
                [0x81, high, low]
            },
        };
        let mut dog = Dog::new(Fs26::new(chip.clone(), frames, 18_000));
        let cells = Box::leak(Box::new(Cells::new(&PLAN)));
        let supervisor = Supervisor::new(cells, BootGuard::without_memory());
        let (supervisor, [entity]) = supervisor.arm(&mut dog, 0).expect("armed");
        entity.hit(TURN, 5_000);
        let (supervisor, permit) = permit(supervisor, 10_000);
        dog.feed(permit, 10_000).unwrap();
        assert_eq!(supervisor.poll_round(&mut dog, 10_000), Ok(Round::None));
        assert_eq!(*chip.0.borrow(), [0xA54D]);
    }
}
