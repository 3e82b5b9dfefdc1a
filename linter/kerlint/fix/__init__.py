"""From a rewrite to text edits, or the reason why not. The only room that knows libcst."""
