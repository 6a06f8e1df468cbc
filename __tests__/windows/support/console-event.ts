// A program for Windows that sends Ctrl-C or Ctrl-Break to all processes of its console, as the runner does when a job is
// canceled: Node cannot.
import { uint32, windowsProgram } from '../../support/windows-program.ts'

/** As GenerateConsoleCtrlEvent numbers them. */
export const CTRL_C = 0
export const CTRL_BREAK = 1

/** Ignores Ctrl-C itself, sends, and exits with 0 or with the Windows error that says why it could not. */
export function consoleEventProgram(event: number): Buffer {
  return windowsProgram((hex, call) => {
    hex('31c9', 'ba', uint32(1)) // xor ecx, ecx; mov edx, 1
    call('SetConsoleCtrlHandler')
    hex('b9', uint32(event), '31d2') // mov ecx, event; xor edx, edx
    call('GenerateConsoleCtrlEvent')
    hex('85c0', '7508') // test eax, eax; jnz over the next two
    call('GetLastError')
    hex('eb02', '31c0') // jmp over the next one; xor eax, eax
    hex('89c1') // mov ecx, eax
    call('ExitProcess')
  })
}
