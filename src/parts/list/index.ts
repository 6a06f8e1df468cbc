/** Reading the list of certificates as it arrives. Loaded only by a step that asks for the list. */
export { readList } from '../../digicert/list.ts'
