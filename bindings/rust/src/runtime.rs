// SPDX-License-Identifier: Apache-2.0
//! Finding the runtime, once a module: `sgperf_runtime_v1` in the global scope of the process, or nothing.

#[cfg(any(not(target_os = "linux"), miri, feature = "disable"))]
pub(crate) fn ops() -> Option<&'static crate::abi::Ops> {
    None
}

#[cfg(all(target_os = "linux", not(any(miri, feature = "disable"))))]
pub(crate) use search::ops;

/// A function of the runtime, if there is a runtime and it knows this member.
macro_rules! member {
    ($member:ident) => {
        $crate::runtime::ops().and_then(|ops| {
            let end = ::core::mem::offset_of!($crate::abi::Ops, $member) + ::core::mem::size_of::<usize>();
            if ops.struct_size as usize >= end {
                ops.$member
            } else {
                None
            }
        })
    };
}
pub(crate) use member;

/// Calls it, or says that it is not there.
macro_rules! call {
    ($member:ident($($argument:expr),*)) => {
        match $crate::runtime::member!($member) {
            // Safety: as each caller says.
            Some(function) => $crate::Error::check(unsafe { function($($argument),*) }),
            None => Err($crate::Error::NO_RUNTIME),
        }
    };
}
pub(crate) use call;

#[cfg(all(target_os = "linux", not(any(miri, feature = "disable"))))]
mod search {
    use core::ffi::{c_char, c_void, CStr};
    use core::mem::transmute;
    use core::ptr;
    use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

    use crate::abi::Ops;

    type Dlsym = unsafe extern "C" fn(*mut c_void, *const c_char) -> *mut c_void;

    /// A weak reference, which stable Rust has no word for: a static or libc-free program links, and finds nothing.
    #[cfg(target_arch = "x86_64")]
    fn dlsym() -> Option<Dlsym> {
        let found: *const c_void;
        // Safety: reads one word of the global offset table, 0 for a weak symbol that nobody defines.
        unsafe {
            core::arch::asm!(".weak dlsym", "mov {0}, qword ptr [rip + dlsym@GOTPCREL]", out(reg) found,
                options(nostack, preserves_flags, pure, readonly));
            // Safety: null is None.
            transmute::<*const c_void, Option<Dlsym>>(found)
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    fn dlsym() -> Option<Dlsym> {
        extern "C" {
            fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
        }
        Some(dlsym)
    }

    /// A symbol of the process, null if there is none. RTLD_DEFAULT is a null handle on every libc of Linux.
    pub(crate) fn symbol(name: &CStr) -> *mut c_void {
        match dlsym() {
            // Safety: a name, and the handle that stands for the whole process.
            Some(dlsym) => unsafe { dlsym(ptr::null_mut(), name.as_ptr()) },
            None => ptr::null_mut(),
        }
    }

    /// once. Two threads may search at the same time; both find the same.
    #[cold]
    #[inline(never)]
    pub(crate) fn ops() -> Option<&'static Ops> {
        static SEARCHED: AtomicBool = AtomicBool::new(false);
        static OPS: AtomicPtr<Ops> = AtomicPtr::new(ptr::null_mut());
        if !SEARCHED.load(Ordering::Acquire) {
            let entry = symbol(c"sgperf_runtime_v1");
            // Safety: this name is this function in every version of the runtime; null is None.
            let entry: Option<unsafe extern "C" fn(u32) -> *mut Ops> = unsafe { transmute(entry) };
            let found = entry.map_or(ptr::null_mut(), |entry| unsafe { entry(crate::VERSION) });
            OPS.store(found, Ordering::Release);
            SEARCHED.store(true, Ordering::Release);
        }
        // Safety: null, or a table that lives as long as the process.
        unsafe { OPS.load(Ordering::Acquire).as_ref() }
    }
}
#[cfg(all(
    target_os = "linux",
    any(not(target_arch = "x86_64"), sgperf_twins),
    not(any(miri, feature = "disable"))
))]
pub(crate) use search::symbol;
