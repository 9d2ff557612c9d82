//! A video of lights: `ffmpeg` makes pictures of it, twice. The first time the spots that blink are found, the second time their
//! brightness is read.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::event::{LedEvent, Looked};
use super::lights::Lights;
use super::spot::{CELLS, COLUMNS, Pictures, ROWS, Spot};
use super::tried::Tried;
use crate::event::{Event, Lane};
use crate::evidence::{Evidence, Opening};
use crate::failure::Failure;
use crate::input::is_interrupted;
use crate::place::{At, Place, Wire};

/// A cell is so many pixels wide and high.
const CELL: usize = 4;
const WIDTH: usize = COLUMNS * CELL;
const HEIGHT: usize = ROWS * CELL;
/// So many pictures are searched for spots, which are a minute of most cameras.
const SEARCHED_MAX: usize = 1_800;
/// A spot is looked for in a window of so many pixels to each side.
const WINDOW: usize = 3 * CELL;
/// The brightness of a spot is the mean of so many pixels.
const BRIGHTEST: usize = 4;

/// Whether a file that begins so is a video: MP4 and its like, Matroska, AVI.
pub(crate) fn is_video(head: &[u8]) -> bool {
    let is_at = |offset: usize, magic: &[u8]| {
        head.get(offset..).is_some_and(|rest| rest.starts_with(magic))
    };
    is_at(4, b"ftyp")
        || is_at(0, &[0x1A, 0x45, 0xDF, 0xA3])
        || is_at(0, b"RIFF") && is_at(8, b"AVI ")
}

pub(crate) struct Video {
    source: Rc<str>,
    lights: Lights,
    zero_us: i64,
    state: State,
}

enum State {
    Unseen,
    Reading { pictures: Frames, spots: Vec<(String, Spot)>, count: u64 },
}

/// The pictures of a video, with their times.
struct Frames {
    child: Child,
    stdout: ChildStdout,
    times: Receiver<i64>,
    pixels: Vec<u8>,
}

impl Video {
    pub(crate) fn new(opening: Opening<'_>) -> Result<Self, Failure> {
        let Opening { input, source, zero_us, options } = opening;
        if !input.is_file() {
            let message = format!("{source}: a video is read twice: expected a file");
            return Err(Failure::Refused(message));
        }
        let lights = Lights::new(source.clone(), Tried::new(options)?, zero_us);
        Ok(Self { source, lights, zero_us, state: State::Unseen })
    }

    /// Finds the spots, and tells what was looked at.
    fn search(&mut self, events: &mut VecDeque<Event>) -> Result<(), String> {
        let mut frames = Frames::open(&self.source)?;
        let mut pictures = Pictures::default();
        let (mut first_us, mut last_us) = (None, 0);
        while let Some(t_us) =
            frames.read()?.filter(|_| pictures.len() < SEARCHED_MAX && !is_interrupted())
        {
            first_us.get_or_insert(t_us);
            last_us = t_us;
            pictures.push(&frames.cells());
        }
        let count = pictures.len();
        let spots = pictures.spots();
        let ms = (last_us - first_us.unwrap_or(0)) / 1_000;
        let names = (1..=spots.len()).map(|number| match spots.len() {
            1 => "spot".to_owned(),
            _ => format!("spot {number}"),
        });
        let spots: Vec<(String, Spot)> = names.zip(spots.iter().copied()).collect();
        let event = Looked {
            pictures: count as u64,
            ms: u64::try_from(ms).unwrap_or(0),
            spots: spots.iter().map(|(name, spot)| (name.clone(), percent(*spot))).collect(),
        };
        let wire = Rc::new(Wire::named("video"));
        let place = Place { source: self.source.clone(), wire, offset: 0, at: At::Row(1) };
        let what = Lane::Led(LedEvent::Looked(event));
        events.push_back(Event { t_us: Some(self.zero_us), place: Some(place), what });
        if count == 0 {
            return Err("no picture could be read".to_owned());
        }
        self.state = State::Reading { pictures: Frames::open(&self.source)?, spots, count: 0 };
        Ok(())
    }

    fn read_picture(&mut self, events: &mut VecDeque<Event>) -> Result<bool, String> {
        let State::Reading { pictures, spots, count } = &mut self.state else {
            self.search(events)?;
            return Ok(true);
        };
        let Some(t_us) = pictures.read()?.filter(|_| !spots.is_empty() && !is_interrupted()) else {
            return Ok(false);
        };
        *count += 1;
        for (name, spot) in &*spots {
            let brightness = pictures.brightness(*spot);
            let taken = self.lights.sample(name, brightness, t_us, *count, events);
            taken.map_err(|_| "too many spots".to_owned())?;
        }
        Ok(true)
    }
}

impl Evidence for Video {
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure> {
        let result = self.read_picture(events);
        if !matches!(result, Ok(true)) {
            self.lights.finish(events);
        }
        let source = &self.source;
        result.map_err(|message| Failure::Damaged(format!("{source}: {message}")))
    }
}

/// Where a spot is in the picture, in percent from the left and from the top.
fn percent(spot: Spot) -> (u64, u64) {
    let percent = |cell: usize, cells: usize| ((cell * 2 + 1) * 50 / cells) as u64;
    (percent(spot.column, COLUMNS), percent(spot.row, ROWS))
}

impl Frames {
    fn open(file: &str) -> Result<Self, String> {
        let filter = format!("scale={WIDTH}:{HEIGHT}:flags=area,format=gray,showinfo=checksum=0");
        let mut child = Command::new("ffmpeg")
            .args(["-nostdin", "-hide_banner", "-loglevel", "info", "-i"])
            .arg(Path::new(file))
            .args(["-map", "0:v:0", "-vf", &filter, "-fps_mode", "passthrough", "-f", "rawvideo", "-"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => {
                    "a video needs ffmpeg, which is not installed; a CSV of time_us,brightness does not"
                        .to_owned()
                }
                _ => format!("ffmpeg: {error}"),
            })?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err("ffmpeg: no output".to_owned());
        };
        let (sender, times) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(stderr).lines().map_while(Result::ok);
            for t_us in lines.filter_map(|line| time_us(&line)) {
                if sender.send(t_us).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, stdout, times, pixels: vec![0; WIDTH * HEIGHT] })
    }

    /// Reads the next picture, and says when it was; nothing at the end.
    fn read(&mut self) -> Result<Option<i64>, String> {
        let mut read = 0;
        while let Some(rest) = self.pixels.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match self.stdout.read(rest).map_err(|error| format!("ffmpeg: {error}"))? {
                0 => return Ok(None),
                len => read += len,
            }
        }
        let time = self.times.recv().map_err(|_| "ffmpeg: a picture without a time".to_owned())?;
        Ok(Some(time))
    }

    /// The brightest pixel of each cell.
    fn cells(&self) -> Vec<u8> {
        let mut cells = vec![0; CELLS];
        for (place, pixel) in self.pixels.iter().enumerate() {
            let (row, column) = (place / WIDTH / CELL, place % WIDTH / CELL);
            if let Some(cell) = cells.get_mut(row * COLUMNS + column) {
                *cell = (*cell).max(*pixel);
            }
        }
        cells
    }

    /// The brightness of a spot, of 255.
    fn brightness(&self, spot: Spot) -> u16 {
        let (x, y) = (spot.column * CELL + CELL / 2, spot.row * CELL + CELL / 2);
        let columns = x.saturating_sub(WINDOW)..(x + WINDOW).min(WIDTH);
        let mut brightest = [0_u8; BRIGHTEST];
        for y in y.saturating_sub(WINDOW)..(y + WINDOW).min(HEIGHT) {
            let row = self.pixels.get(y * WIDTH + columns.start..y * WIDTH + columns.end);
            for pixel in row.unwrap_or_default() {
                if let Some(darkest) =
                    brightest.iter_mut().min().filter(|darkest| **darkest < *pixel)
                {
                    *darkest = *pixel;
                }
            }
        }
        let sum: u16 = brightest.into_iter().map(u16::from).sum();
        sum / BRIGHTEST as u16
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        // The program may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The time of a picture in a line of ffmpeg's `showinfo`, in microseconds.
fn time_us(line: &str) -> Option<i64> {
    let (_, rest) = line.split_once("pts_time:")?;
    let seconds: f64 = rest.split_whitespace().next()?.parse().ok()?;
    // A video is shorter than a year.
    Some((seconds.clamp(0.0, 31_536_000.0) * 1e6) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_picture_is_read() {
        let line = "[Parsed_showinfo_2 @ 0x55] n:   7 pts:   3584 pts_time:0.233333 duration:512";
        assert_eq!(time_us(line), Some(233_333));
        assert_eq!(time_us("[Parsed_showinfo_2 @ 0x55] config in time_base: 1/15360"), None);
    }

    #[test]
    fn videos_are_known_by_their_first_bytes() {
        assert!(is_video(b"\0\0\0\x20ftypisom") && is_video(b"RIFF\x10\0\0\0AVI LIST"));
        assert!(is_video(&[0x1A, 0x45, 0xDF, 0xA3, 0x01]) && !is_video(b"RIFF\x10\0\0\0WAVE"));
        assert!(!is_video(b"time_us,level"));
    }
}
