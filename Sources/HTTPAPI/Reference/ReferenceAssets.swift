import Web

/// The style sheet of the reference, and the script of its copy buttons.
enum ReferenceAssets {
    static let routes = [style.route, script.route]

    static let style = Asset(
        name: "reference", ending: "css",
        content: """
            :root {
              color-scheme: light dark;
              --page: #ffffff; --raised: #f5f6f8; --line: #d9dde3; --text: #1c2430; --muted: #566171; --accent: #1d5fa8; --on-accent: #ffffff;
              --get: #1d5fa8; --post: #14693f; --put: #8a5300; --delete: #a8231d;
            }
            @media (prefers-color-scheme: dark) {
              :root {
                --page: #12161c; --raised: #1b2129; --line: #343d49; --text: #e4e8ee; --muted: #a3aebc; --accent: #7db7f5; --on-accent: #10151b;
                --get: #7db7f5; --post: #6fd09c; --put: #f0b35c; --delete: #f58f88;
              }
            }
            * { box-sizing: border-box; }
            html { scroll-padding-top: 1rem; }
            body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, "Liberation Sans", sans-serif; }
            a { color: var(--accent); text-underline-offset: .15em; }
            :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
            code, pre { font-family: ui-monospace, "Liberation Mono", monospace; font-size: .9em; overflow-wrap: anywhere; }
            h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem; }
            h2 { font-size: 1.35rem; margin: 3rem 0 .5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
            h3 { font-size: 1.05rem; margin: 0 0 .25rem; }
            h4 { font-size: .8rem; margin: 1rem 0 .25rem; color: var(--muted); text-transform: uppercase; letter-spacing: .04em; }
            p { margin: .25rem 0 .5rem; }
            .skip { position: absolute; left: -100vw; }
            .skip:focus { left: 1rem; top: .5rem; background: var(--page); padding: .25rem .5rem; }
            .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
            .top { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; padding: .75rem 1.25rem; border-bottom: 1px solid var(--line); }
            .top b { font-size: 1.1rem; margin-right: auto; }
            main { padding: 1.5rem 1.25rem 4rem; max-width: 56rem; }
            .contents { padding: 1rem 1.25rem; border-bottom: 1px solid var(--line); }
            .contents ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
            .contents ul ul { display: none; }
            .contents a { display: block; padding: .2rem 0; }
            .operation, .component { margin: 1.5rem 0; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 8px; }
            h3 a { color: inherit; text-decoration: none; }
            h3 a:hover { text-decoration: underline; }
            .method { font: 600 .8em ui-monospace, "Liberation Mono", monospace; display: inline-block; min-width: 3.8em; }
            .method-get { color: var(--get); } .method-post { color: var(--post); }
            .method-put { color: var(--put); } .method-delete { color: var(--delete); }
            .access { color: var(--muted); font-size: .9rem; }
            .code { position: relative; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; }
            .code pre { margin: 0; padding: .75rem 1rem; white-space: pre-wrap; }
            .code button { position: absolute; right: .4rem; bottom: .4rem; }
            .code:has(button:not([hidden])) pre { padding-bottom: 2.75rem; }
            button { font: inherit; font-size: .85rem; padding: .2rem .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--page);
              color: var(--text); cursor: pointer; }
            button:hover { border-color: var(--accent); }
            .fields, .answers { list-style: none; margin: .25rem 0; padding: 0; }
            .fields .fields { margin-left: .25rem; padding-left: .9rem; border-left: 2px solid var(--line); }
            .fields li, .answers li { padding: .3rem 0; border-top: 1px solid var(--line); }
            .fields > li:first-child, .answers > li:first-child { border-top: 0; }
            .fields p { margin: 0; color: var(--muted); font-size: .9rem; }
            .fields .name { font-weight: 600; }
            table { border-collapse: collapse; }
            th, td { padding: .3rem 1rem .3rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
            th { font-weight: 600; }
            .type, .optional { color: var(--muted); font-size: .9rem; }
            .optional { font-style: italic; }
            .status { font-variant-numeric: tabular-nums; margin-right: .5rem; }
            summary { cursor: pointer; padding: .25rem 0; color: var(--accent); }
            @media (min-width: 60rem) {
              .columns { display: grid; grid-template-columns: 20rem minmax(0, 1fr); }
              .code button { top: .4rem; bottom: auto; }
              .code:has(button:not([hidden])) pre { padding-right: 5.5rem; padding-bottom: .75rem; }
              .contents { position: sticky; top: 0; height: 100vh; overflow-y: auto; border-bottom: 0; border-right: 1px solid var(--line); font-size: .85rem; }
              .contents ul { display: block; }
              .contents > ul > li { font-weight: 600; margin-bottom: .6rem; }
              .contents ul ul { display: block; font-weight: 400; }
              .contents ul ul a { text-decoration: none; color: var(--text); padding: .1rem 0 .1rem .25rem; }
              .contents ul ul a:hover { text-decoration: underline; }
              main { padding: 2rem 2.5rem 6rem; }
            }

            """)

    static let script = Asset(
        name: "copy", ending: "js",
        content: """
            // Buttons that copy the code beside them. Without script they stay hidden, and the text can be selected.
            const status = document.createElement('p');
            status.className = 'visually-hidden';
            status.setAttribute('role', 'status');
            document.querySelector('main').append(status);

            function select(element) {
              const range = document.createRange();
              range.selectNodeContents(element);
              getSelection().removeAllRanges();
              getSelection().addRange(range);
            }

            // The clipboard is there on https and on this machine only; elsewhere the reader copies what was selected.
            async function copy(button, code) {
              try {
                await navigator.clipboard.writeText(code.textContent);
                button.textContent = status.textContent = 'Copied';
              } catch {
                select(code);
                button.textContent = status.textContent = 'Selected';
              }
              setTimeout(() => { button.textContent = 'Copy'; status.textContent = ''; }, 2000);
            }

            for (const button of document.querySelectorAll('[data-copy]')) {
              const code = button.parentElement.querySelector('code');
              button.hidden = false;
              button.addEventListener('click', () => copy(button, code));
            }

            """)
}
