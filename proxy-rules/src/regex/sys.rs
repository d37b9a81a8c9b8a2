//! Bindings to the PCRE2 library, which the crate `pcre2-sys` contains.
#![allow(unsafe_code, reason = "this module makes the calls of a C library")]

use std::cell::RefCell;
use std::ffi::c_int;
use std::ptr::{self, NonNull};
use std::time::Duration;

use pcre2_sys::{
    PCRE2_ANCHORED, PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_NOMATCH, PCRE2_INFO_ALLOPTIONS, PCRE2_JIT_COMPLETE,
    PCRE2_UNSET, PCRE2_USE_OFFSET_LIMIT, PCRE2_UTF, pcre2_code_8, pcre2_code_free_8, pcre2_compile_8,
    pcre2_get_error_message_8, pcre2_get_ovector_pointer_8, pcre2_jit_compile_8, pcre2_jit_stack_8,
    pcre2_jit_stack_assign_8, pcre2_jit_stack_create_8, pcre2_jit_stack_free_8, pcre2_match_8,
    pcre2_match_context_8, pcre2_match_context_create_8, pcre2_match_context_free_8, pcre2_match_data_8,
    pcre2_match_data_create_8, pcre2_match_data_free_8, pcre2_pattern_info_8, pcre2_set_heap_limit_8,
    pcre2_set_match_limit_8, pcre2_set_offset_limit_8,
};

/// The number of groups: the whole match and nine more, as many as a replacement can name.
pub(super) const GROUPS: usize = 10;

/// The initial and the maximum size of the stack for compiled code, in bytes. There is one for each thread.
const JIT_STACK: (usize, usize) = (32 << 10, 512 << 10);

/// The maximum heap for a match without compiled code, in KiB.
const HEAP: u32 = 4096;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Code {
    code: NonNull<pcre2_code_8>,
    anchored: bool,
    utf: bool,
}

// SAFETY: a compiled pattern is only read after it was made ("pcre2api", section "Multithreading").
unsafe impl Send for Code {}
// SAFETY: as above.
unsafe impl Sync for Code {}

impl Drop for Code {
    fn drop(&mut self) {
        // SAFETY: this value owns the code, which is not used any more.
        unsafe { pcre2_code_free_8(self.code.as_ptr()) }
    }
}

/// Why a text is not a pattern, and the position of the mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CompileError {
    pub(super) message: String,
    pub(super) offset: usize,
}

impl Code {
    pub(super) fn compile(pattern: &[u8], options: u32) -> Result<Code, CompileError> {
        let (mut error, mut offset): (c_int, usize) = (0, 0);
        // SAFETY: pattern and length belong together, and the library copies what it needs of them.
        let code = unsafe {
            pcre2_compile_8(
                pattern.as_ptr(),
                pattern.len(),
                options | PCRE2_USE_OFFSET_LIMIT,
                &raw mut error,
                &raw mut offset,
                ptr::null_mut(),
            )
        };
        let Some(code) = NonNull::new(code) else {
            return Err(CompileError { message: message(error), offset });
        };
        let mut all: u32 = 0;
        // SAFETY: the code was just made; for ALLOPTIONS the library writes 32 bits. Where code cannot be compiled to
        // machine code, the call says so and changes nothing.
        unsafe {
            pcre2_pattern_info_8(code.as_ptr(), PCRE2_INFO_ALLOPTIONS, (&raw mut all).cast());
            pcre2_jit_compile_8(code.as_ptr(), PCRE2_JIT_COMPLETE);
        }
        Ok(Code { code, anchored: all & PCRE2_ANCHORED != 0, utf: all & PCRE2_UTF != 0 })
    }

    /// Returns whether the pattern can only match where the search begins.
    pub(super) fn is_anchored(&self) -> bool {
        self.anchored
    }

    /// Returns whether the pattern is about characters of UTF-8, not bytes: it begins with `(*UTF)`.
    pub(super) fn is_utf(&self) -> bool {
        self.utf
    }
}

fn message(error: c_int) -> String {
    let mut text = [0; 256];
    // SAFETY: the buffer and its length belong together.
    let length = unsafe { pcre2_get_error_message_8(error, text.as_mut_ptr(), text.len()) };
    String::from_utf8_lossy(&text[..usize::try_from(length).unwrap_or(0).min(text.len())]).into_owned()
}

/// Returns the processor time that this thread has used.
pub(super) fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes the structure that it is given. The clock of a thread always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The parameters of one search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// The first position where a match may begin, and the last.
    pub(super) first: usize,
    pub(super) last: usize,
    /// The maximum number of steps from each position.
    pub(super) steps: u32,
    pub(super) options: u32,
}

/// The result of a search.
#[expect(clippy::large_enum_variant, reason = "it is used at once, and a search allocates nothing")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The ranges of the match and its groups.
    Match([Option<(usize, usize)>; GROUPS]),
    Nothing,
    /// The search took more steps than allowed.
    TooManySteps,
    /// The search could not be carried out: no room on a stack, or no memory.
    Failed,
}

/// Searches with the memory of this thread.
pub(super) fn search(code: &Code, subject: &[u8], search: Search) -> Found {
    thread_local! {
        static MATCHER: RefCell<Option<Matcher>> = const { RefCell::new(None) };
    }
    MATCHER.with_borrow_mut(|matcher| {
        if matcher.is_none() {
            *matcher = Matcher::new();
        }
        matcher.as_mut().map_or(Found::Failed, |matcher| matcher.search(code, subject, search))
    })
}

/// Memory for one match at a time.
struct Matcher {
    context: NonNull<pcre2_match_context_8>,
    data: NonNull<pcre2_match_data_8>,
    /// Null if nothing can be compiled to machine code.
    stack: *mut pcre2_jit_stack_8,
}

impl Matcher {
    fn new() -> Option<Matcher> {
        // SAFETY: the calls allocate or return null. The stack belongs to the context for as long as both live, and
        // that is as long as this value.
        unsafe {
            let context = NonNull::new(pcre2_match_context_create_8(ptr::null_mut()))?;
            let Some(data) = NonNull::new(pcre2_match_data_create_8(GROUPS as u32, ptr::null_mut())) else {
                pcre2_match_context_free_8(context.as_ptr());
                return None;
            };
            let stack = pcre2_jit_stack_create_8(JIT_STACK.0, JIT_STACK.1, ptr::null_mut());
            pcre2_jit_stack_assign_8(context.as_ptr(), None, stack.cast());
            pcre2_set_heap_limit_8(context.as_ptr(), HEAP);
            Some(Matcher { context, data, stack })
        }
    }

    fn search(&mut self, code: &Code, subject: &[u8], search: Search) -> Found {
        let Search { first, last, steps, options } = search;
        // SAFETY: subject and length belong together and outlive the call; context and data are this value's, which is
        // borrowed for itself.
        let result = unsafe {
            pcre2_set_match_limit_8(self.context.as_ptr(), steps);
            pcre2_set_offset_limit_8(self.context.as_ptr(), last);
            pcre2_match_8(
                code.code.as_ptr(),
                subject.as_ptr(),
                subject.len(),
                first,
                options,
                self.data.as_ptr(),
                self.context.as_ptr(),
            )
        };
        match result {
            // Zero means that there are more groups than room for them.
            0.. => {
                let count = usize::try_from(result).ok().filter(|count| *count > 0).unwrap_or(GROUPS);
                let mut groups = [None; GROUPS];
                // SAFETY: the data was made for this many pairs, and the match has written `count` of them.
                let pairs = unsafe {
                    std::slice::from_raw_parts(
                        pcre2_get_ovector_pointer_8(self.data.as_ptr()),
                        2 * count.min(GROUPS),
                    )
                };
                for (group, pair) in groups.iter_mut().zip(pairs.chunks_exact(2)) {
                    *group = (pair[0] != PCRE2_UNSET && pair[0] <= pair[1]).then_some((pair[0], pair[1]));
                }
                Found::Match(groups)
            }
            PCRE2_ERROR_NOMATCH => Found::Nothing,
            PCRE2_ERROR_MATCHLIMIT => Found::TooManySteps,
            _ => Found::Failed,
        }
    }
}

impl Drop for Matcher {
    fn drop(&mut self) {
        // SAFETY: this value owns all three, and they are not used any more.
        unsafe {
            pcre2_match_data_free_8(self.data.as_ptr());
            pcre2_match_context_free_8(self.context.as_ptr());
            pcre2_jit_stack_free_8(self.stack);
        }
    }
}
