// Loaded into a step before its own code: on SIGUSR2, does what Node does for Ctrl-Break on Windows.
process.on('SIGUSR2', () => process.emit('SIGBREAK', 'SIGBREAK'))
