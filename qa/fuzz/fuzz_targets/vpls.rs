#![no_main]

hostile::target!("vpls");
