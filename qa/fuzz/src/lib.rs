//! What must hold for whatever arrives, whoever makes it up: libFuzzer (`fuzz_targets`), the
//! seeded mutator (`mutate`), or the vectors of `qa` cut short and flipped (`tests/hostile.rs`).

pub mod checks;
pub mod mutator;
pub mod seeds;

pub use checks::{Checks, Target};
#[cfg(feature = "libfuzzer")]
pub use libfuzzer_sys;

/// A coverage-guided target: gives what libFuzzer makes up to the target of this name.
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        thread_local! {
            static CHECKS: std::cell::RefCell<$crate::Checks> =
                std::cell::RefCell::new($crate::Checks::new());
        }

        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            let target = $crate::Target::named($name).expect("every target has a line");
            CHECKS.with_borrow_mut(|checks| target.run(bytes, checks));
        });
    };
}
