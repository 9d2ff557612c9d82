//! How often each thing happened: a property that never met a thing says nothing of it.

/// How often each thing happened on the lines so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub lines: u64,
    pub frames: u64,
    pub own_requests: u64,
    pub repeats: u64,
    pub broadcasts: u64,
    pub frames_of_others: u64,
    pub damaged_answers_of_others: u64,
    pub damaged_requests: u64,
    pub requests_behind_a_stray_byte: u64,
    pub requests_taken_back: u64,
    pub requests_in_coarse_chunks: u64,
    pub noise: u64,
    pub text: u64,
    pub echoes_whole: u64,
    pub echoes_cut: u64,
    pub echoes_flipped: u64,
    pub echoes_late: u64,
    pub echoes_with_a_request: u64,
    pub executed: u64,
    pub answered: u64,
}

impl Counts {
    pub fn all(&self) -> [(&'static str, u64); 20] {
        [
            ("lines", self.lines),
            ("frames", self.frames),
            ("own requests", self.own_requests),
            ("repeats", self.repeats),
            ("broadcasts", self.broadcasts),
            ("frames of others", self.frames_of_others),
            ("damaged answers of others", self.damaged_answers_of_others),
            ("damaged requests", self.damaged_requests),
            ("requests behind a stray byte", self.requests_behind_a_stray_byte),
            ("requests taken back", self.requests_taken_back),
            ("requests in coarse chunks", self.requests_in_coarse_chunks),
            ("noise", self.noise),
            ("text", self.text),
            ("echoes whole", self.echoes_whole),
            ("echoes cut", self.echoes_cut),
            ("echoes flipped", self.echoes_flipped),
            ("echoes late", self.echoes_late),
            ("echoes with a request in one chunk", self.echoes_with_a_request),
            ("executed", self.executed),
            ("answered", self.answered),
        ]
    }
}
