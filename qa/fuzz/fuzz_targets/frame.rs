#![no_main]

hostile::target!("frame");
