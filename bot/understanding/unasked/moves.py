"""The verbs of figures that move, as alternations: what falls, what rises, what does either, in both languages."""

from __future__ import annotations

EN_DOWN = (
    r"(?:falls?|falling|fallen|drops?|dropping|dropped|fell|dips?|dipping|sinks?|slips?|slides?|declin(?:es?|"
    r"ing|ed)|decreas(?:es?|ing|ed)|plunges?|plummets?|"
    r"tumbles?|tanks?|shrinks?|slumps?|crash(?:es)?|collapses?|gets? lower|(?:goes|go|going|went|comes?|is|"
    r"are|gets?) down|nosedives?)"
)
EN_UP = (
    r"(?:rises?|rising|risen|rose|increas(?:es?|ing|ed)|grows?|growing|grew|climbs?|jumps?|jumping|surges?|"
    r"spikes?|spiking|soars?|gains?|"
    r"gets? higher|(?:goes|go|going|went|is|are|gets?) up|shoots? up|picks? up|explodes?|balloons?)"
)
EN_BOTH = r"(?:chang(?:es?|ing|ed)|moves?|moved|moving|differs?|deviates?|varies|vary|swings?|fluctuates?|shifts?)"
EN_FLAT = (
    r"(?:is|are|gets?|goes|go|comes? in|stays?|remains?|being|turns?|becomes?|lies?|lands?|has been|have been|"
    r"'s)"
)
ZH_DOWN = r"(?:下降|下跌|下滑|下挫|跌落|大跌|暴跌|骤降|锐减|回落|减少|降低|走低|缩水|跌|降|掉|减)"
ZH_UP = r"(?:上升|上涨|增长|增加|升高|提高|提升|攀升|飙升|激增|暴涨|走高|涨|升|增)"
ZH_BOTH = r"(?:变化|变动|波动|涨跌|偏离|浮动|振幅|相差)"
