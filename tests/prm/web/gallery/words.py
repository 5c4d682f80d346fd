NAMES = [
    "Adventure Works Wholesale & Retail Cycling Equipment Distribution Company of Northern Europe GmbH & Co. KGaA",
    "PT Sumber Alfaria Trijaya Tbk",
    "北京字节跳动科技有限公司",
    "شركة الاتصالات السعودية",
    "Общество с ограниченной ответственностью «Газпромнефть»",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "A",
]
