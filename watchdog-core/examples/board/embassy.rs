//! Embassy: two tasks, each with its handle, and a third that evaluates and feeds. A task that is cancelled in the middle of its span is
//! found: the span is dropped.
#![no_std]
#![no_main]

use board::device::interrupt;
use board::{Cmsdk, advance, clear_timer1, end, now_us, start_timer1, wake};
use cortex_m_semihosting::hprintln;
use embassy_executor::Spawner;
use embassy_time::{Duration, Ticker, Timer, with_timeout};
use panic_halt as _;
use static_cell::StaticCell;
use watchdog_core::plan::{
    alive, cycle_us, from, hardware, per_cycle, process_safety_time_us, reset_to_safe_us,
    timeout_us, tolerance, until,
};
use watchdog_core::{
    Armed, BootGuard, Cause, Cells, Checkpoint, DeadlineFault, Dog, Entity, Outcome, Plan,
    Supervisor,
};

const READ: Checkpoint = Checkpoint::of::<0>();
const REQUEST: Checkpoint = Checkpoint::of::<0>();
const ANSWER: Checkpoint = Checkpoint::of::<1>();

const PLAN: Plan<2, 1, 1> = Plan::builder(
    cycle_us(20_000),
    hardware(timeout_us(80_000..=100_000)),
    process_safety_time_us(500_000),
    reset_to_safe_us(30_000),
)
.entity("sensor", alive(READ, per_cycle(4), -1, 1), tolerance(1))
.entity("server", alive(ANSWER, per_cycle(2), -1, 1), tolerance(1))
.deadline("server", REQUEST, ANSWER, 1_000..=6_000)
.flow("server", from(&[REQUEST]), &[(REQUEST, ANSWER), (ANSWER, REQUEST)], until(&[]))
.build();

static CELLS: StaticCell<Cells<2, 1, 1>> = StaticCell::new();

#[interrupt]
fn TIMER1() {
    clear_timer1();
    wake();
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    board::init();
    start_timer1(500);
    let mut dog = Dog::new(Cmsdk);
    let cells = CELLS.init(Cells::new(&PLAN));
    let Ok((supervisor, [sensor, server])) =
        Supervisor::new(cells, BootGuard::without_memory()).arm(&mut dog, now_us())
    else {
        end(false)
    };
    let (Ok(read), Ok(serve), Ok(supervise)) =
        (read(sensor), serve(server), supervise(supervisor, dog))
    else {
        end(false)
    };
    spawner.spawn(read);
    spawner.spawn(serve);
    spawner.spawn(supervise);
}

#[embassy_executor::task]
async fn read(sensor: Entity<2, 1, 1>) {
    let mut ticker = Ticker::every(Duration::from_millis(5));
    loop {
        sensor.hit(READ, now_us());
        ticker.next().await;
    }
}

#[embassy_executor::task]
async fn serve(server: Entity<2, 1, 1>) {
    let mut ticker = Ticker::every(Duration::from_millis(10));
    for request in 0.. {
        let answer = async {
            let span = server.begin(REQUEST, now_us());
            Timer::after_millis(if request < 200 { 2 } else { 100 }).await;
            span.end(ANSWER, now_us());
        };
        // A request that takes too long is given up.
        let _given_up = with_timeout(Duration::from_millis(4), answer).await;
        ticker.next().await;
    }
}

#[embassy_executor::task]
async fn supervise(mut supervisor: Supervisor<Armed, 2, 1, 1>, mut dog: Dog<Cmsdk>) {
    loop {
        advance();
        supervisor = match supervisor.evaluate(now_us()) {
            Outcome::Early(next, due_us) => {
                Timer::at(embassy_time::Instant::from_micros(due_us)).await;
                next
            }
            Outcome::Feed(next, permit, _) => {
                if dog.feed(permit, now_us()).is_err() {
                    end(false);
                }
                next
            }
            Outcome::Stop(_, culprit) => {
                hprintln!("fed {} times; {}", dog.fed(), culprit);
                let is_dropped =
                    matches!(culprit.cause, Cause::Deadline { fault: DeadlineFault::Dropped, .. });
                end(is_dropped && culprit.entity() == PLAN.entity("server") && dog.fed() > 90)
            }
        };
    }
}
