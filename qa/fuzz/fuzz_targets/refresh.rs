#![no_main]

hostile::target!("refresh");
