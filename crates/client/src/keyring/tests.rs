//! Keys on a disk that others use too.
