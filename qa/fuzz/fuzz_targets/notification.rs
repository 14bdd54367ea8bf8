#![no_main]

hostile::target!("notification");
