import { Component, type ReactNode } from 'react'
import { ProblemView } from '../ui/problems'

/** Catches what broke a page, so that the rest goes on; another address (place) begins anew. */
export class CrashBarrier extends Component<{ place: string; children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {}

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override componentDidUpdate(before: { place: string }) {
    if (before.place !== this.props.place && this.state.error !== undefined) this.setState({ error: undefined })
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    return <ProblemView error={this.state.error} onRetry={() => location.reload()} />
  }
}
