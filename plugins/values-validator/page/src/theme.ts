// Light and dark: as the browser asks, until the button says otherwise.
const KEY = 'vllm-monitoring.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

const now = (): string => localStorage.getItem(KEY) ?? (dark.matches ? 'dark' : 'light');

export function themed(button: HTMLButtonElement): void {
  const apply = () => {
    document.documentElement.dataset.theme = now();
    button.textContent = now() === 'dark' ? 'Light' : 'Dark';
    button.setAttribute('aria-label', now() === 'dark' ? 'Light colours' : 'Dark colours');
  };
  button.addEventListener('click', () => {
    localStorage.setItem(KEY, now() === 'dark' ? 'light' : 'dark');
    apply();
  });
  dark.addEventListener('change', apply);
  apply();
}
