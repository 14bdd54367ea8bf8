#![no_main]

hostile::target!("rtc");
