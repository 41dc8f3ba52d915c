import { makeStyles, tokens } from '@fluentui/react-components'
import { useEffect, useRef } from 'react'

const useStyles = makeStyles({
  frame: { border: 'none', width: '100%', display: 'block', height: '60px', borderRadius: tokens.borderRadiusMedium },
})

/**
 * Mail from strangers in a frame that runs no script. The frame keeps our
 * origin only so that we, from outside, can measure how high it has to be.
 */
export function MailFrame({ src, title }: { src: string; title: string }) {
  const styles = useStyles()
  const frame = useRef<HTMLIFrameElement>(null)

  useEffect(() => {
    const element = frame.current
    if (!element) return
    let watcher: ResizeObserver | undefined
    const fit = () => {
      const inner = element.contentDocument
      if (!inner?.documentElement) return
      const wide = inner.documentElement.scrollWidth > element.clientWidth
      // The scroll bar of a wide table needs its own room.
      element.style.height = `${inner.documentElement.getBoundingClientRect().height + (wide ? 18 : 0)}px`
    }
    const loaded = () => {
      fit()
      watcher?.disconnect()
      const body = element.contentDocument?.body
      if (!body) {
        // A server that keeps even us from looking in: the frame scrolls by itself.
        element.style.height = '360px'
        return
      }
      watcher = new ResizeObserver(fit)
      watcher.observe(body)
    }
    element.addEventListener('load', loaded)
    return () => {
      element.removeEventListener('load', loaded)
      watcher?.disconnect()
    }
  }, [])

  return (
    <iframe
      ref={frame}
      className={styles.frame}
      title={title}
      src={src}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
    />
  )
}
