// One line at the edge of the page about what was just done.
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";

const SHOWN_FOR = 7_000;

const Context = createContext<(text: ReactNode) => void>(() => undefined);

export function Toasts({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<ReactNode>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const show = useCallback((text: ReactNode) => {
    clearTimeout(timer.current);
    setShown(text);
    timer.current = setTimeout(() => setShown(null), SHOWN_FOR);
  }, []);
  return (
    <Context value={show}>
      {children}
      <div role="status" aria-live="polite">
        {shown !== null && <div className="toast">{shown}</div>}
      </div>
    </Context>
  );
}

export const useToast = () => useContext(Context);
