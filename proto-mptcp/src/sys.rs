//! The one system call of this crate: `MPTCP_FULL_INFO`, whose structure contains pointers.
//!
//! Numbers and layouts are those of `linux/mptcp.h`.
#![allow(unsafe_code, reason = "this is the module of the crate that makes system calls")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use libc::{c_int, socklen_t};
use proto_core::transport::tcp_info;

/// The level of MPTCP's own options.
pub(crate) const SOL_MPTCP: c_int = 284;
/// `struct mptcp_info`. Since Linux 5.16.
pub(crate) const MPTCP_INFO: c_int = 1;
/// `struct mptcp_full_info`: a snapshot of a connection. Since Linux 6.5.
const MPTCP_FULL_INFO: c_int = 4;

/// The size of `struct mptcp_info` on Linux 6.18, in bytes.
pub(crate) const INFO_SIZE: usize = 96;
/// The size of `struct mptcp_subflow_info` in bytes: an id, and two addresses of 128 bytes.
pub(crate) const SUBFLOW_SIZE: usize = 264;

/// The most subflows to read: twice the 8 that the kernel's path manager makes at most.
const SUBFLOWS_MAX: usize = 16;

/// The contents of `MPTCP_FULL_INFO`: `struct mptcp_info`, and each subflow's addresses and `struct tcp_info`.
pub(crate) struct FullInfo {
    pub(crate) info: Vec<u8>,
    pub(crate) subflows: Vec<(Vec<u8>, Vec<u8>)>,
}

/// The fixed part of `struct mptcp_full_info`.
#[repr(C)]
#[derive(Default)]
struct Request {
    size_tcpinfo_kernel: u32,
    size_tcpinfo_user: u32,
    size_sfinfo_kernel: u32,
    size_sfinfo_user: u32,
    num_subflows: u32,
    size_arrays_user: u32,
    subflow_info: u64,
    tcp_info: u64,
    mptcp_info: InfoBytes,
}

#[repr(C, align(8))]
struct InfoBytes([u8; INFO_SIZE]);

impl Default for InfoBytes {
    fn default() -> Self {
        InfoBytes([0; INFO_SIZE])
    }
}

/// Reads `MPTCP_FULL_INFO`.
///
/// # Errors
/// Returns `EOPNOTSUPP` if the connection is not MPTCP or has fallen back, or if the kernel is older than 6.5.
pub(crate) fn full_info(fd: BorrowedFd<'_>) -> io::Result<FullInfo> {
    let mut addresses = vec![0_u8; SUBFLOW_SIZE * SUBFLOWS_MAX];
    let mut tcp = vec![0_u8; tcp_info::SIZE * SUBFLOWS_MAX];
    let mut request = Request {
        size_tcpinfo_user: tcp_info::SIZE as u32,
        size_sfinfo_user: SUBFLOW_SIZE as u32,
        size_arrays_user: SUBFLOWS_MAX as u32,
        subflow_info: addresses.as_mut_ptr().expose_provenance() as u64,
        tcp_info: tcp.as_mut_ptr().expose_provenance() as u64,
        ..Request::default()
    };
    let mut length = size_of::<Request>() as socklen_t;
    // SAFETY: `request` is a whole `struct mptcp_full_info`, writable for `length` bytes. The two pointers in it point
    // to arrays that outlive the call, of `size_arrays_user` elements of the given sizes; the kernel writes no more
    // and no longer elements than that.
    let result = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            SOL_MPTCP,
            MPTCP_FULL_INFO,
            (&raw mut request).cast(),
            &raw mut length,
        )
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    let described = (request.num_subflows as usize).min(SUBFLOWS_MAX);
    // An older kernel fills in less of each structure; the rest must not be read as zero.
    let tcp_filled = (request.size_tcpinfo_kernel as usize).min(tcp_info::SIZE);
    let info_filled = (length as usize).saturating_sub(size_of::<Request>() - INFO_SIZE).min(INFO_SIZE);
    let subflows = addresses
        .chunks_exact(SUBFLOW_SIZE)
        .zip(tcp.chunks_exact(tcp_info::SIZE))
        .take(described)
        .map(|(address, tcp)| (address.to_vec(), tcp[..tcp_filled].to_vec()))
        .collect();
    Ok(FullInfo { info: request.mptcp_info.0[..info_filled].to_vec(), subflows })
}
