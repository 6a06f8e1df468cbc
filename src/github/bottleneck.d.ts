/** The build without Redis, which the throttling plugin loads too. */
declare module 'bottleneck/light.js' {
  export { default } from 'bottleneck'
}
