#![no_main]

hostile::target!("inet");
