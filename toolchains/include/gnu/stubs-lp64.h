// Shim: glibc's cross package ships the lp64d list of missing functions only. Freestanding code calls
// none of them, so the list for lp64 is empty. See toolchains/README.md.
#pragma once
