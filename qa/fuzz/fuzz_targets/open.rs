#![no_main]

hostile::target!("open");
