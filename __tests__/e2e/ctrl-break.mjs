// Loaded into a step before its own code: what Node makes of Ctrl-Break on Windows, at SIGUSR2.
process.on('SIGUSR2', () => process.emit('SIGBREAK', 'SIGBREAK'))
